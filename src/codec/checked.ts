/** A codec whose messages are looked at before they are sent: for those of applications. */
import { InvalidMessageError } from '../errors.ts'
import { isMessage } from '../message.ts'
import type { Codec } from './codec.ts'

/** The same codec; what it makes must be a message. Text, for one, would otherwise go out as zeros. */
export function checked<T>(codec: Codec<T>): Codec<T> {
  return {
    name: codec.name,
    encode(value, limits) {
      const message = codec.encode(value, limits)
      if (isMessage(message)) return message
      throw new InvalidMessageError('it makes no message: a Uint8Array, or an array of at least one')
    },
    decode: (message, limits) => codec.decode(message, limits),
  }
}
