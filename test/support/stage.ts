/** What one test of the conformance suite plays on: sockets of two engines over one transport, closed when it ends. */
import { once } from 'node:events'
import type { CoreOptions } from '../../src/engine/engine.ts'
import type { SocketEventMap } from '../../src/engine/events.ts'
import { type Message, partsOf } from '../../src/message.ts'
import { completeOptions } from '../../src/options.ts'
import type { SocketType } from '../../src/socket-type.ts'
import type { EnginePair } from './engines.ts'
import type { TransportUnderTest } from './transports.ts'
import { type WholeSocket, whole } from './whole.ts'

export type Options = Partial<CoreOptions>

/** Publishing sockets and Routers have a default of their own, which the public classes choose. */
function completed(type: SocketType, { security, authenticate, ...options }: Options): CoreOptions {
  const onFull =
    type === 'PUB' || type === 'XPUB'
      ? { onFull: 'drop-newest' as const }
      : type === 'ROUTER'
        ? { onFull: 'reject' as const }
        : {}
  return { ...completeOptions(options, onFull), security, authenticate }
}

export class Stage implements AsyncDisposable {
  readonly pair: EnginePair
  readonly transport: TransportUnderTest
  readonly #sockets: WholeSocket[] = []

  constructor(pair: EnginePair, transport: TransportUnderTest) {
    this.pair = pair
    this.transport = transport
  }

  /** A socket of the engine at this end. */
  near(type: SocketType, options: Options = {}): WholeSocket {
    return this.#open(whole(this.pair.near.engine.open(type, completed(type, options))))
  }

  /** A socket of the engine at the other end. */
  far(type: SocketType, options: Options = {}): WholeSocket {
    return this.#open(whole(this.pair.far.engine.open(type, completed(type, options))))
  }

  /** Binds and connects; answers the endpoint once each knows the other. */
  async join(binder: WholeSocket, ...diallers: WholeSocket[]): Promise<string> {
    const before = binder.peers.length
    const endpoint = await binder.bind(this.transport.fresh())
    for (const dialler of diallers) {
      const count = dialler.peers.length + 1
      dialler.connect(endpoint)
      await dialler.connected(count)
    }
    await binder.connected(before + diallers.length)
    return endpoint
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map(socket => socket.close({ linger: 0 })))
  }

  #open(socket: WholeSocket): WholeSocket {
    this.#sockets.push(socket)
    return socket
  }
}

/** The next event of this name. */
export async function next<Name extends keyof SocketEventMap>(
  socket: WholeSocket,
  name: Name,
): Promise<SocketEventMap[Name][0]> {
  const [event] = await once(socket.events, name, { signal: AbortSignal.timeout(PATIENCE) })
  return event
}

/** The parts of a message as text. */
export function textsOf(message: Message): string[] {
  return partsOf(message).map(part => Buffer.from(part).toString())
}

/** The next message, its parts as text joined by '|'. */
export async function receiveText(socket: WholeSocket): Promise<string> {
  return textsOf(await socket.receive({ timeout: PATIENCE })).join('|')
}

/** The next `count` messages as text. */
export async function receiveTexts(socket: WholeSocket, count: number): Promise<string[]> {
  const texts: string[] = []
  while (texts.length < count) texts.push(await receiveText(socket))
  return texts
}

/** Milliseconds for what must happen: so long only on a machine that stands still. */
export const PATIENCE = 15_000

/** Milliseconds after which what waits is taken to wait for good. */
export const A_WHILE = 100

/** Sends copies until nobody takes one for a while; answers how many were taken. */
export async function fill(socket: WholeSocket, message: Message): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await socket.send(message, { timeout: A_WHILE })
    } catch {
      return count
    }
  }
}

/** Numbered messages: `prefix 0`, `prefix 1`, ... */
export function numbered(prefix: string, count: number, from = 0): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`${prefix} ${from + index}`))
}

/** All prefixes of one message each, as text, for comparison. */
export function texts(messages: readonly Uint8Array[]): string[] {
  return messages.map(message => Buffer.from(message).toString())
}
