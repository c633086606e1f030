/** The sending half of Push, Pair and Dealer. */
import type { WritableStream, WritableStreamDefaultController } from 'node:stream/web'
import type { EngineSocket, OperationOptions } from '../engine/engine.ts'
import type { Message } from '../message.ts'

/** Values to messages; throws what the value is refused with. */
export interface Encodes<T> {
  encode(value: T): Message
}

export class Sender<T> {
  readonly #socket: EngineSocket
  readonly #encoder: Encodes<T>

  constructor(socket: EngineSocket, encoder: Encodes<T>) {
    this.#socket = socket
    this.#encoder = encoder
  }

  /** Not async: what the engine takes at once costs no promise of its own. */
  send(value: T, options?: OperationOptions): Promise<void> {
    const since = this.#socket.clock?.()
    let message: Message
    try {
      message = this.#encoder.encode(value)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#socket.send(message, options, since)
  }

  trySend(value: T): boolean {
    const since = this.#socket.clock?.()
    return this.#socket.trySend(this.#encoder.encode(value), since)
  }
}

/** A stream that waits for each send. Closing it leaves the socket open; aborting it gives up the send that waits. */
export function writableOf<T>(
  send: (value: T, options: OperationOptions) => Promise<void>,
): WritableStream<T> {
  // The global one: it is loaded at its first use.
  return new globalThis.WritableStream<T>({
    write: (value, controller) => send(value, { signal: (controller as Abortable).signal }),
  })
}

/** In Node since 18, in its types since 22. */
type Abortable = WritableStreamDefaultController & { readonly signal: AbortSignal }
