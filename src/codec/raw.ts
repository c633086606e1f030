/** Messages as they are: bytes in, bytes out, nothing copied. */
import { InvalidMessageError } from '../errors.ts'
import { isMessage, type Message, messageOf } from '../message.ts'
import type { Codec } from './codec.ts'

/**
 * A `Uint8Array`, or an array of them for several parts. A buffer must not change until it has left (option `copy`
 * copies at once); a received one is yours to read, and shared with its neighbours of the same read.
 */
export const raw: Codec<Message> = {
  name: 'raw',
  encode(value) {
    if (value instanceof Uint8Array) return value
    if (isMessage(value)) return messageOf(value)
    throw new InvalidMessageError('a raw message is a Uint8Array or an array of at least one')
  },
  decode(message) {
    return message
  },
}
