/** MessagePack in one part: the default codec. */
import { addExtension, Packr } from 'msgpackr/pack'
import { InvalidMessageError } from '../errors.ts'
import { reasonOf } from '../reason.ts'
import type { Codec } from './codec.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { checkMessagePack } from './msgpack-check.ts'
import { singlePart } from './single-part.ts'
import { teachTypedArrays } from './typed-arrays.ts'

teachTypedArrays()
// By itself msgpackr sends these as arrays, and a function as undefined.
for (const Class of [Error, RegExp]) addExtension({ Class, write: refuse })

// Records are state of one connection, which PUB and foreign peers cannot share; pointers could build any graph.
// Buffers are copied: as views they would pin, and share, the 64 KiB chunk that they were read in.
const packr = new Packr({
  useRecords: false,
  structuredClone: false,
  copyBuffers: true,
  writeFunction: refuse,
})

/**
 * MessagePack, which every language reads. Numbers come back as they went. A 64-bit integer comes back as `bigint`,
 * also one that a foreign peer wrote for a number of more than 32 bits: let a schema turn it into a number.
 */
export const msgpack: Codec<unknown> = {
  name: 'msgpack',
  encode(value, limits = DEFAULT_LIMITS) {
    const message = pack(value)
    // A shorter one cannot be nested more deeply, nor become large.
    if (message.length > limits.maxDepth) checkMessagePack(message, limits)
    return message
  },
  decode(message, limits = DEFAULT_LIMITS) {
    const bytes = singlePart(message, 'msgpack')
    checkMessagePack(bytes, limits)
    return unpack(bytes)
  },
}

function pack(value: unknown): Buffer {
  try {
    return packr.pack(value)
  } catch (cause) {
    throw invalid(cause)
  }
}

/** What the check lets pass and msgpackr refuses: a key that is no text, half a number in a typed array. */
function unpack(bytes: Buffer): unknown {
  try {
    return packr.unpack(bytes)
  } catch (cause) {
    throw invalid(cause)
  }
}

function invalid(cause: unknown): InvalidMessageError {
  return cause instanceof InvalidMessageError
    ? cause
    : new InvalidMessageError(reasonOf(cause), [], { cause })
}

function refuse(value: unknown): never {
  const kind = typeof value === 'function' ? 'function' : (value as object).constructor.name
  throw new InvalidMessageError(`MessagePack has no ${kind}`)
}
