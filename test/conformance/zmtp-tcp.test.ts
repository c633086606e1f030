/** Our engine at both ends, over tcp. */
import { zmtp } from '../support/engines.ts'
import { tcp } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: zmtp, far: zmtp }, tcp)
