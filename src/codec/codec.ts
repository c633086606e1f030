/** The contract of a codec: values to messages and back. */
import type { Message } from '../message.ts'
import type { CodecLimits } from './limits.ts'

/**
 * Turns values into messages and back. Both may throw anything: the socket wraps it in `InvalidMessageError` with the cause.
 * Stateless: the same value gives the same message for every peer. `limits` are the socket's `maxDecodedSize` and
 * `maxDepth`, given where they differ from the defaults; a codec whose values cannot outgrow the message may ignore them.
 */
export interface Codec<T = unknown> {
  /** For error messages. */
  readonly name: string
  /** What it returns must not change later: it may wait in a queue. The socket refuses what is no message. */
  readonly encode: (value: T, limits?: CodecLimits) => Message
  /** Must not keep views of the message in the value, unless it says so: a received part shares its memory with its neighbours. */
  readonly decode: (message: Message, limits?: CodecLimits) => T
}
