/** MessagePack in one part: the default codec. */
import { Packr } from 'msgpackr/pack'
import { InvalidMessageError } from '../errors.ts'
import type { Codec } from './codec.ts'
import { singlePart } from './single-part.ts'
import { teachTypedArrays } from './typed-arrays.ts'

teachTypedArrays()

// Records are state of one connection, which PUB and foreign peers cannot share.
// Buffers are copied: as views they would pin, and share, the 64 KiB chunk that they were read in.
// A function is refused: by itself msgpackr sends it as undefined.
const options = { useRecords: false, copyBuffers: true, writeFunction: refuse }
const packr = new Packr(options)

/**
 * MessagePack, which every language reads. Numbers come back as they went. A 64-bit integer comes back as `bigint`,
 * also one that a foreign peer wrote for a number of more than 32 bits: let a schema turn it into a number.
 */
export const msgpack: Codec<unknown> = {
  name: 'msgpack',
  encode(value) {
    return packr.pack(value)
  },
  decode(message) {
    return packr.unpack(singlePart(message, 'msgpack'))
  },
}

function refuse(): never {
  throw new InvalidMessageError('MessagePack has no function')
}
