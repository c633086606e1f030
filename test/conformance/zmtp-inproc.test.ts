/** Our engine at both ends, over inproc. */
import { zmtp } from '../support/engines.ts'
import { inproc } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: zmtp, far: zmtp }, inproc)
