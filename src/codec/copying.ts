/** A codec whose messages share no memory with the value: for values that are buffers. */
import { type Message, messageOf, partsOf } from '../message.ts'
import type { Codec } from './codec.ts'

/** The same codec, with every part copied once it is encoded. */
export function copying<T>(codec: Codec<T>): Codec<T> {
  return {
    name: codec.name,
    encode: (value, limits) => copyOf(codec.encode(value, limits)),
    decode: (message, limits) => codec.decode(message, limits),
  }
}

function copyOf(message: Message): Message {
  return messageOf(partsOf(message).map(part => Buffer.from(part)))
}
