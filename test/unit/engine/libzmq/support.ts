/** What the tests of the libzmq engine share: engines in pairs, endpoints, and engine sockets with default options. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { defaultEngine } from '../../../../src/engine/default.ts'
import type { CoreOptions, Engine, EngineSocket, Sink, Source } from '../../../../src/engine/engine.ts'
import { libzmq } from '../../../../src/engine/libzmq/index.ts'
import type { Incoming, Outgoing } from '../../../../src/exchanged.ts'
import { completeOptions } from '../../../../src/options.ts'
import type { SocketType } from '../../../../src/socket-type.ts'

export const engine = libzmq()

/** The engine of one end, and of the other. */
export const crosswise: readonly { name: string; here: Engine; there: Engine }[] = [
  { name: 'libzmq with libzmq', here: engine, there: engine },
  { name: 'libzmq with zmtp', here: engine, there: defaultEngine },
  { name: 'zmtp with libzmq', here: defaultEngine, there: engine },
]

const folder = mkdtempSync(join(tmpdir(), 'typedmq-libzmq-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let lastName = 0

/** An endpoint to bind that nobody else has. */
export const endpoints = {
  tcp: () => 'tcp://127.0.0.1:0',
  ipc: () => `ipc://${folder}/${++lastName}.sock`,
  inproc: () => `inproc://libzmq-${++lastName}`,
}

type Opened<Type extends SocketType> = EngineSocket<Type> & Sink<Outgoing<Type>> & Source<Incoming<Type>>

/** An engine socket that closes with its scope, without lingering. */
export function open<Type extends SocketType>(
  type: Type,
  options: Partial<CoreOptions> = {},
  from: Engine = engine,
): Opened<Type> & AsyncDisposable {
  const { security, authenticate, ...others } = options
  const socket = from.open(type, { ...completeOptions(others), security, authenticate })
  const { sink, source } = socket
  return Object.assign(socket, {
    send: sink.send.bind(sink),
    trySend: sink.trySend.bind(sink),
    receive: source.receive.bind(source),
    tryReceive: source.tryReceive.bind(source),
    async [Symbol.asyncDispose]() {
      await socket.close({ linger: 0 })
    },
  })
}

export const message = (text: string) => Buffer.from(text)

/** Reads until the socket has nothing more, or `count` messages. */
export async function texts(socket: Source, count: number): Promise<string[]> {
  const read: string[] = []
  while (read.length < count) read.push(String(await socket.receive({ timeout: 5000 })))
  return read
}

/** Sends until the socket takes no more; answers how many it took. Over inproc nothing empties it meanwhile. */
export function fill(socket: Sink): number {
  let taken = 0
  while (socket.trySend(Buffer.alloc(10))) taken++
  return taken
}
