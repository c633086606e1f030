/** What a message may become once it is decoded: the same rules for every codec of ours. */
import { InvalidMessageError } from '../errors.ts'
import { completeOptions, type SocketOptions } from '../options.ts'

/** The options of a socket that its codec obeys. */
export type CodecLimits = Pick<SocketOptions, 'maxDecodedSize' | 'maxDepth'>

/** A socket's own defaults, for codecs that are called without limits. */
export const DEFAULT_LIMITS: CodecLimits = completeOptions({})

// Bytes of heap, as V8 in Node 20 takes them on 64 bits; test/hostile/values.test.ts compares them with what is measured.
export const ARRAY_SIZE = 48
export const SLOT_SIZE = 8
/** With four fields; the others need room of their own. */
export const OBJECT_SIZE = 64
export const FIELD_SIZE = 8
/** With more fields than this, an object that msgpackr makes field by field is a hash table; and one of JSON.parse. */
export const FAST_FIELDS = 19
export const FAST_JSON_FIELDS = 127
/** Besides its bytes. Strings of one character exist once. */
export const STRING_SIZE = 28
/** A fraction, or an integer of 32 bits or more. */
export const NUMBER_SIZE = 16
export const BIGINT_SIZE = 24
/** A key that no earlier object of the message had. */
export const NEW_KEY_SIZE = 160
/** A hidden class, for an object whose keys stand in an order that no earlier one had. */
export const NEW_ORDER_SIZE = 300
export const DATE_SIZE = 128
/** Besides its bytes: a typed array of any kind, its buffer and the record that the runtime keeps of that. */
export const BYTES_SIZE = 384
/** An object with a key such as "300" gets a list that has room for one half more than the largest of them. */
export const INDEX_SIZE = 12
/** Above this V8 makes a hash table instead. */
export const LARGEST_INDEX = 5_000
/** That hash table, which JSON.parse makes at once. */
export const INDEX_TABLE_SIZE = 192

/** What an object of so many fields takes, without keys and values. */
export function objectSize(fields: number): number {
  return OBJECT_SIZE + (fields > FAST_FIELDS ? hashTableSize(fields) : fields * FIELD_SIZE)
}

/** A power of two of entries, of which a third at least is free. */
export function hashTableSize(fields: number): number {
  const entries = fields + (fields >> 1)
  return 24 + 24 * 2 ** Math.ceil(Math.log2(entries))
}

/** No byte of MessagePack becomes more: an object whose only key is the number 5000 has five. */
export const MOST_PER_BYTE =
  (objectSize(1) + NEW_KEY_SIZE + INDEX_TABLE_SIZE + INDEX_SIZE * LARGEST_INDEX) / 5

/** The refusal of a value that would pass `maxDecodedSize`. */
export function tooLarge({ maxDecodedSize }: CodecLimits): InvalidMessageError {
  return new InvalidMessageError(
    `decoded, the value takes more memory than maxDecodedSize, which is ${maxDecodedSize} bytes`,
  )
}

/** The refusal of a value that is nested more deeply than `maxDepth`. */
export function tooDeep({ maxDepth }: CodecLimits): InvalidMessageError {
  return new InvalidMessageError(
    `arrays and objects are nested more deeply than maxDepth, which is ${maxDepth}`,
  )
}
