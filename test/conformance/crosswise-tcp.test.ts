/** Our engine at one end and libzmq at the other, over tcp. */
import { libzmq, zmtp } from '../support/engines.ts'
import { tcp } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: zmtp, far: libzmq }, tcp)
conformance({ near: libzmq, far: zmtp }, tcp)
