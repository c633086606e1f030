/** A codec with limits of its socket's own. */
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
