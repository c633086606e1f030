/** The types of MessagePack by their first bytes (specification, "Formats"): how long a value is, how many a container holds. */
import { InvalidMessageError } from '../errors.ts'
import { TYPED_ARRAY } from './typed-arrays.ts'

/** Extensions that the pages name: dates, and what JavaScript has and MessagePack has not. */
const TIMESTAMP = 0xff
const UNDEFINED = 0x00

/** By first byte: bytes of a value that need no further look, itself included; of a short container its first byte. Else 0. */
export const SIZES = new Uint8Array(256)
SIZES.fill(1, 0x00, 0xa0)
SIZES.fill(1, 0xe0, 0x100)
for (let length = 0; length < 32; length++) SIZES[0xa0 + length] = 1 + length
for (const [type, size] of [
  [0xc0, 1], // nil, false, true
  [0xc2, 1],
  [0xc3, 1],
  [0xca, 5], // float 32, float 64
  [0xcb, 9],
  [0xcc, 2], // uint 8 to 64
  [0xcd, 3],
  [0xce, 5],
  [0xcf, 9],
  [0xd0, 2], // int 8 to 64
  [0xd1, 3],
  [0xd2, 5],
  [0xd3, 9],
] as const) {
  SIZES[type] = size
}

/** By first byte: how many values a short container holds. */
export const ENTRIES = new Uint8Array(256)
for (let count = 0; count < 16; count++) {
  ENTRIES[0x80 + count] = 2 * count
  ENTRIES[0x90 + count] = count
}

/** Array or map. */
export function isContainer(type: number): boolean {
  return (type >= 0x80 && type < 0xa0) || (type >= 0xdc && type < 0xe0)
}

export function isMap(type: number): boolean {
  return type < 0x90 || type >= 0xde
}

/** Bytes of a container before its first entry. */
export function containerHead(type: number): 1 | 3 | 5 {
  return type < 0xa0 ? 1 : type & 1 ? 5 : 3
}

/** How many values a container holds: of a map, keys and values. Throws when there are not bytes for so many. */
export function entriesIn(bytes: Buffer, at: number, type: number): number {
  const head = containerHead(type)
  const count = head === 1 ? type & 0x0f : uint(bytes, at + 1, head === 3 ? 2 : 4)
  const entries = isMap(type) ? 2 * count : count
  // Every value has a byte at least.
  if (entries > bytes.length - at - head) throw cutShort(bytes, at + head, entries)
  return entries
}

/** Bytes of a value that is not a container. Throws for a type that may not be here, and for a value that is cut short. */
export function sizeOf(bytes: Buffer, at: number, type: number): number {
  const size = SIZES[type]! || sizeByLength(bytes, at, type)
  if (size > bytes.length - at) throw cutShort(bytes, at, size)
  return size
}

/** Of texts, bytes and extensions, whose length stands behind the type. */
function sizeByLength(bytes: Buffer, at: number, type: number): number {
  switch (type) {
    case 0xd9:
    case 0xc4:
      return 2 + uint(bytes, at + 1, 1)
    case 0xda:
    case 0xc5:
      return 3 + uint(bytes, at + 1, 2)
    case 0xdb:
    case 0xc6:
      return 5 + uint(bytes, at + 1, 4)
    case 0xc7:
      return extension(bytes, at + 2, uint(bytes, at + 1, 1)) - at
    case 0xc8:
      return extension(bytes, at + 3, uint(bytes, at + 1, 2)) - at
    case 0xc9:
      return extension(bytes, at + 5, uint(bytes, at + 1, 4)) - at
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(bytes, at + 1, 1 << (type - 0xd4)) - at
    default:
      throw new InvalidMessageError(`byte ${hex(type)} at byte ${at} is not a type of MessagePack`)
  }
}

/** Where an extension ends whose type stands at `at`, if it is one of ours. */
function extension(bytes: Buffer, at: number, length: number): number {
  const type = uint(bytes, at, 1)
  const known =
    type === TYPED_ARRAY
      ? length > 0
      : type === TIMESTAMP
        ? // One byte is msgpackr's date that is none.
          length === 4 || length === 8 || length === 12 || length === 1
        : type === UNDEFINED && length === 1
  if (known) return at + 1 + length
  throw new InvalidMessageError(
    `extension ${hex(type)} of ${length} bytes at byte ${at}; known are timestamps (0xff), undefined (0x00) and typed arrays (0x74)`,
  )
}

function uint(bytes: Buffer, at: number, width: 1 | 2 | 4): number {
  if (width > bytes.length - at) throw cutShort(bytes, at, width)
  // By hand: msgpackr writes every object with a length of two bytes, and readUIntBE took a third of the whole check.
  if (width === 2) return bytes[at]! * 256 + bytes[at + 1]!
  return width === 1 ? bytes[at]! : bytes.readUInt32BE(at)
}

/** At `at` so many bytes must follow, or more. */
export function cutShort(bytes: Buffer, at: number, wanted: number): InvalidMessageError {
  const left = Math.max(0, bytes.length - at)
  return new InvalidMessageError(
    `cut short: at least ${wanted} bytes must follow at byte ${at}, and ${left} do`,
  )
}

export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`
}
