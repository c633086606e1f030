/** Our engine at one end and libzmq at the other, over ipc. */
import { libzmqOverIpc, zmtp } from '../support/engines.ts'
import { ipc } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: zmtp, far: libzmqOverIpc }, ipc)
conformance({ near: libzmqOverIpc, far: zmtp }, ipc)
