/** What a socket gets that names no engine: ZMTP over tcp and ipc, and inproc. A transport is added here. */
import { inproc } from '../transport/inproc.ts'
import { ipc } from '../transport/ipc.ts'
import { tcp } from '../transport/tcp.ts'
import type { Engine } from './engine.ts'
import { ZmtpEngine } from './zmtp/zmtp-engine.ts'

export const defaultEngine: Engine = new ZmtpEngine([tcp, ipc, inproc])
