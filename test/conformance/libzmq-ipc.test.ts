/** libzmq at both ends, over ipc. */
import { libzmqOverIpc } from '../support/engines.ts'
import { ipc } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: libzmqOverIpc, far: libzmqOverIpc }, ipc)
