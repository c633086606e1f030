/** How deeply MessagePack is nested, and how much memory it would take once it is decoded. */
import { InvalidMessageError } from '../errors.ts'
import { hashOf, KeyCache, orderOf } from './key-cache.ts'
import {
  ARRAY_SIZE,
  BIGINT_SIZE,
  BYTES_SIZE,
  type CodecLimits,
  checkKeyLength,
  DATE_SIZE,
  FAST_FIELDS,
  INDEX_SIZE,
  INDEX_TABLE_SIZE,
  LARGEST_INDEX,
  NEW_KEY_SIZE,
  NEW_ORDER_SIZE,
  NUMBER_SIZE,
  objectSize,
  SLOT_SIZE,
  STRING_SIZE,
  tooDeep,
  tooLarge,
} from './limits.ts'
import { containerHead, cutShort, entriesIn, hex, isContainer, isMap, sizeOf } from './msgpack-types.ts'
import { TYPED_ARRAY } from './typed-arrays.ts'

const keys = new KeyCache()

export class MessagePackMeasure {
  readonly #bytes: Buffer
  readonly #limits: CodecLimits
  /** Offset of what is looked at next. */
  #at = 0
  /** Bytes of memory that values may still take. */
  #room: number

  constructor(bytes: Buffer, limits: CodecLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#room = limits.maxDecodedSize
  }

  /** Where the value ends. Throws `InvalidMessageError` for one that passes the limits. */
  end(): number {
    keys.begin()
    this.#value(this.#limits.maxDepth)
    return this.#at
  }

  /** `depth` is how many containers may still be opened. */
  #value(depth: number): void {
    const bytes = this.#bytes
    const at = this.#at
    const type = bytes[at]
    if (type === undefined) throw cutShort(bytes, at, 1)
    if (!isContainer(type)) {
      const size = sizeOf(bytes, at, type)
      this.#take(memoryOf(bytes, at, type, size))
      this.#at = at + size
      return
    }
    const entries = entriesIn(bytes, at, type)
    if (depth === 0) throw tooDeep(this.#limits)
    this.#at = at + containerHead(type)
    if (isMap(type)) this.#map(entries / 2, depth - 1)
    else {
      this.#take(ARRAY_SIZE + SLOT_SIZE * entries)
      for (let index = 0; index < entries; index++) this.#value(depth - 1)
    }
  }

  #map(fields: number, depth: number): void {
    this.#take(objectSize(fields))
    let largest = 0
    let order = 0
    for (let field = 0; field < fields; field++) {
      const at = this.#at
      const type = this.#key()
      const index = indexOf(this.#bytes, at, type, this.#at)
      if (index >= 0) largest = this.#index(index, largest)
      const hash = hashOf(this.#bytes, at, this.#at)
      if (!isShortText(type) || keys.isNew(this.#bytes, at, this.#at, hash)) this.#take(NEW_KEY_SIZE)
      if (index < 0 && field < FAST_FIELDS) {
        order = orderOf(order, hash)
        if (keys.isNewOrder(order)) this.#take(NEW_ORDER_SIZE)
      }
      this.#value(depth)
    }
  }

  /** Walks over a key, which becomes text. Returns its type. */
  #key(): number {
    const bytes = this.#bytes
    const at = this.#at
    const type = bytes[at]
    if (type === undefined) throw cutShort(bytes, at, 1)
    if (!mayBeKey(type))
      throw new InvalidMessageError(`type ${hex(type)} at byte ${at} cannot be the key of an object`)
    const size = sizeOf(bytes, at, type)
    checkKeyLength(size - headOf(type), at)
    this.#at = at + size
    return type
  }

  /** Takes what a list of indices needs beyond one for `paid`. Returns the largest of both. */
  #index(index: number, paid: number): number {
    if (paid === 0) this.#take(INDEX_TABLE_SIZE)
    if (index <= paid || index > LARGEST_INDEX) return Math.max(paid, 1)
    this.#take(INDEX_SIZE * (index - paid))
    return index
  }

  #take(size: number): void {
    this.#room -= size
    if (this.#room < 0) throw tooLarge(this.#limits)
  }
}

/** Bytes of a text before its first character. */
function headOf(type: number): number {
  return type === 0xd9 ? 2 : type === 0xda ? 3 : type === 0xdb ? 5 : 1
}

/** Memory of a value that is not a container, `size` bytes long. */
function memoryOf(bytes: Buffer, at: number, type: number, size: number): number {
  if (isText(type)) return size > 2 ? STRING_SIZE + size : 0
  if (type === 0xca || type === 0xcb) return NUMBER_SIZE
  // V8 keeps integers of 32 bits as it keeps fractions.
  if (type === 0xce) return bytes[at + 1]! > 0x7f ? NUMBER_SIZE : 0
  if (type === 0xcf || type === 0xd3) return BIGINT_SIZE
  if (type >= 0xd4 && type <= 0xd8) return bytes[at + 1] === TYPED_ARRAY ? BYTES_SIZE : DATE_SIZE
  return type >= 0xc4 && type <= 0xc9 ? BYTES_SIZE + size : 0
}

/** Text, and what becomes text: numbers, booleans, nil. */
function mayBeKey(type: number): boolean {
  return !isContainer(type) && !(type >= 0xc4 && type <= 0xc9) && !(type >= 0xd4 && type <= 0xd8)
}

function isText(type: number): boolean {
  return (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb)
}

/** The type of text whose keys msgpackr keeps. */
function isShortText(type: number): boolean {
  return type >= 0xa0 && type <= 0xbf
}

/** The index of a list that a key becomes, or -1: every whole number does, of whatever type, and so does text of digits. */
function indexOf(bytes: Buffer, at: number, type: number, end: number): number {
  if (isText(type)) return indexIn(bytes, at + (isShortText(type) ? 1 : 1 + 2 ** (type - 0xd9)), end)
  const number = numberOf(bytes, at, type)
  return Number.isInteger(number) && number >= 0 ? number : -1
}

function numberOf(bytes: Buffer, at: number, type: number): number {
  if (type < 0x80) return type
  if (type === 0xca) return bytes.readFloatBE(at + 1)
  if (type === 0xcb) return bytes.readDoubleBE(at + 1)
  if (type === 0xcf) return Number(bytes.readBigUInt64BE(at + 1))
  if (type === 0xd3) return Number(bytes.readBigInt64BE(at + 1))
  if (type >= 0xcc && type <= 0xce) return bytes.readUIntBE(at + 1, 2 ** (type - 0xcc))
  return type >= 0xd0 && type <= 0xd2 ? bytes.readIntBE(at + 1, 2 ** (type - 0xd0)) : -1
}

/** Digits of the largest index. */
const MOST_DIGITS = 10

/** The number that these digits are, or -1 for any other text. */
function indexIn(bytes: Buffer, from: number, to: number): number {
  if (to === from || to - from > MOST_DIGITS) return -1
  let index = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return -1
    index = index * 10 + digit
  }
  return index
}
