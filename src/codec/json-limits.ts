/** What JSON would become, told from its bytes in one pass: `JSON.parse` itself has no limits. Says nothing about whether it is JSON. */
import { hashOf, KeyCache, orderOf } from './key-cache.ts'
import {
  ARRAY_SIZE,
  type CodecLimits,
  FAST_JSON_FIELDS,
  hashTableSize,
  INDEX_TABLE_SIZE,
  NEW_KEY_SIZE,
  NEW_ORDER_SIZE,
  NUMBER_SIZE,
  OBJECT_SIZE,
  SLOT_SIZE,
  STRING_SIZE,
  tooDeep,
  tooLarge,
} from './limits.ts'

/** No byte of JSON becomes more: an object of two bytes, a key of one more, its quotes and a colon. */
const MOST_PER_BYTE = 64
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c

const keys = new KeyCache()

/** Throws `InvalidMessageError` for what passes the limits. Free for messages that are too short to. */
export function checkJsonLimits(bytes: Buffer, limits: CodecLimits): void {
  const { length } = bytes
  // What is nested is closed again.
  if (length <= 2 * limits.maxDepth && length * MOST_PER_BYTE <= limits.maxDecodedSize) return
  let room = limits.maxDecodedSize
  let depth = 0
  const orders = [0]
  /** Of each object that is open. */
  const fields = [0]
  keys.begin()
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      const from = at + 1
      const to = endOfString(bytes, from)
      at = endOfBlanks(bytes, to + 1)
      if (bytes[at] === COLON) {
        const hash = hashOf(bytes, from, to)
        const order = orderOf(orders[depth]!, hash)
        orders[depth] = order
        room -= keySize(bytes, from, to, hash) + (keys.isNewOrder(order) ? NEW_ORDER_SIZE : 0)
        room -= fieldSize(++fields[depth]!)
      } else {
        room -= STRING_SIZE + to - from
        at--
      }
    } else if (byte === COMMA) {
      room -= SLOT_SIZE + NUMBER_SIZE
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limits.maxDepth) throw tooDeep(limits)
      orders[depth] = 0
      fields[depth] = 0
      room -= byte === 0x5b ? ARRAY_SIZE + SLOT_SIZE + NUMBER_SIZE : OBJECT_SIZE
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--
    }
    if (room < 0) throw tooLarge(limits)
  }
}

/** Of the closing quote, or the end of the message. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at]
    if (byte === QUOTE || byte === undefined) return at
    if (byte === BACKSLASH) at++
  }
}

/** Where JSON goes on behind blanks. */
function endOfBlanks(bytes: Buffer, from: number): number {
  for (let at = from; ; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
  }
}

function keySize(bytes: Buffer, from: number, to: number, hash: number): number {
  if (to - from <= 0) return 0
  const first = bytes[from]!
  const size = keys.isNew(bytes, from, to, hash) ? NEW_KEY_SIZE + to - from : 0
  // Behind a backslash may be a digit.
  return first === BACKSLASH || (first >= 0x30 && first <= 0x39) ? size + INDEX_TABLE_SIZE : size
}

/** What the next field of an object takes besides its place: more only once it is a hash table. */
function fieldSize(fields: number): number {
  if (fields <= FAST_JSON_FIELDS) return 0
  return hashTableSize(fields) - (fields - 1 > FAST_JSON_FIELDS ? hashTableSize(fields - 1) : 0)
}
