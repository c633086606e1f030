/** A codec as its socket uses it: within the socket's limits, copied where values are buffers, and checked where an application wrote it. */
import { InvalidMessageError } from '../errors.ts'
import { isMessage, type Message, messageOf, partsOf } from '../message.ts'
import type { Codec } from './codec.ts'
import { type CodecLimits, DEFAULT_LIMITS } from './limits.ts'

/** The same codec, called with these limits; a missing one is the default. Values are checked by `completeOptions`. */
export function limited<T>(codec: Codec<T>, given: Partial<CodecLimits>): Codec<T> {
  const { maxDecodedSize = DEFAULT_LIMITS.maxDecodedSize, maxDepth = DEFAULT_LIMITS.maxDepth } = given
  if (maxDecodedSize === DEFAULT_LIMITS.maxDecodedSize && maxDepth === DEFAULT_LIMITS.maxDepth) return codec
  const limits = { maxDecodedSize, maxDepth }
  return {
    name: codec.name,
    encode: value => codec.encode(value, limits),
    decode: message => codec.decode(message, limits),
  }
}

/** The same codec, with every part copied once it is encoded: its messages share no memory with a value that is a buffer. */
export function copying<T>(codec: Codec<T>): Codec<T> {
  return {
    name: codec.name,
    encode: (value, limits) => copyOf(codec.encode(value, limits)),
    decode: (message, limits) => codec.decode(message, limits),
  }
}

/** The same codec, which must return a message: text, for one, would otherwise be sent as zeros. */
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

function copyOf(message: Message): Message {
  return messageOf(partsOf(message).map(part => Buffer.from(part)))
}
