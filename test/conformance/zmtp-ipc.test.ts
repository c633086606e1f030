/** Our engine at both ends, over ipc. */
import { zmtp } from '../support/engines.ts'
import { ipc } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: zmtp, far: zmtp }, ipc)
