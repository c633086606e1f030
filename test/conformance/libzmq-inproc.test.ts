/** libzmq at both ends, over inproc. */
import { libzmqOverInproc } from '../support/engines.ts'
import { inproc } from '../support/transports.ts'
import { conformance } from './suite.ts'

conformance({ near: libzmqOverInproc, far: libzmqOverInproc }, inproc)
