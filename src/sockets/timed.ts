/** Encoders of sockets that trace: they tell the engine when the application began to send. */
import type { EngineSocket } from '../engine/engine.ts'
import type { Message } from '../message.ts'

/** The same encoder; one that keeps the time where the socket traces. */
export function timed<Args extends unknown[]>(
  encoder: { encode(...args: Args): Message },
  socket: EngineSocket,
): { encode(...args: Args): Message } {
  const { encoded } = socket
  if (encoded === undefined) return encoder
  return {
    encode(...args) {
      const since = performance.now()
      const message = encoder.encode(...args)
      encoded(message, since)
      return message
    },
  }
}
