/** Sending a value: Push, Pair, Dealer and the upstream half of XSubscriber. */
import type { WritableStream, WritableStreamDefaultController } from 'node:stream/web'
import type { OperationOptions, Sink } from '../engine/engine.ts'
import type { Message } from '../message.ts'

/** Values to messages; throws what the value is refused with. */
export interface ValueEncoder<T> {
  encode(value: T): Message
}

/** Not async: what the engine takes at once costs no promise of its own. */
export function sendValue<T>(
  sink: Sink,
  encoder: ValueEncoder<T>,
  value: T,
  options: OperationOptions | undefined,
): Promise<void> {
  const since = sink.clock?.()
  let message: Message
  try {
    message = encoder.encode(value)
  } catch (error) {
    return Promise.reject(error)
  }
  return sink.send(message, options, since)
}

export function trySendValue<T>(sink: Sink, encoder: ValueEncoder<T>, value: T): boolean {
  const since = sink.clock?.()
  return sink.trySend(encoder.encode(value), since)
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
