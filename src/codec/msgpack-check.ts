/**
 * What MessagePack bytes hold, told in one pass before anything is decoded (https://github.com/msgpack/msgpack/blob/master/spec.md).
 * msgpackr has no limits, and decodes more than we promise: pointers that build graphs, definitions of records, errors, sets.
 */
import { InvalidMessageError } from '../errors.ts'
import { type CodecLimits, MOST_PER_BYTE, tooDeep } from './limits.ts'
import { MessagePackMeasure } from './msgpack-measure.ts'
import { containerHead, cutShort, ENTRIES, entriesIn, isContainer, SIZES, sizeOf } from './msgpack-types.ts'

/** Throws `InvalidMessageError`, which names types and offsets and never a value. */
export function checkMessagePack(bytes: Buffer, limits: CodecLimits): void {
  const { length } = bytes
  const end =
    length * MOST_PER_BYTE > limits.maxDecodedSize
      ? new MessagePackMeasure(bytes, limits).end()
      : length > limits.maxDepth
        ? endWithin(bytes, limits)
        : endOf(bytes)
  if (end > length) throw cutShort(bytes, length, end - length)
  if (end < length) throw new InvalidMessageError(`${length - end} bytes follow the value, at byte ${end}`)
}

/** Where the value ends, of a message that is too short to pass a limit. */
function endOf(bytes: Buffer): number {
  const { length } = bytes
  let at = 0
  for (let values = 1; values > 0; values--) {
    if (at >= length) throw cutShort(bytes, at, 1)
    const type = bytes[at]!
    const size = SIZES[type]!
    if (size > 0) {
      at += size
      values += ENTRIES[type]!
    } else if (isContainer(type)) {
      values += entriesIn(bytes, at, type)
      at += containerHead(type)
    } else at += sizeOf(bytes, at, type)
  }
  return at
}

/** Values that are left in each container that is open. Grows with `maxDepth`. */
let open = new Float64Array(64)

/** Where the value ends, of a message that is long enough to be nested too deeply. */
function endWithin(bytes: Buffer, limits: CodecLimits): number {
  const { length } = bytes
  let at = 0
  let depth = 0
  for (let values = 1; ; ) {
    while (values === 0) {
      if (depth === 0) return at
      values = open[--depth]!
    }
    if (at >= length) throw cutShort(bytes, at, 1)
    values--
    const type = bytes[at]!
    if (!isContainer(type)) {
      at += SIZES[type]! || sizeOf(bytes, at, type)
      continue
    }
    if (depth === limits.maxDepth) throw tooDeep(limits)
    if (depth === open.length) grow()
    open[depth++] = values
    values = entriesIn(bytes, at, type)
    at += containerHead(type)
  }
}

function grow(): void {
  const larger = new Float64Array(open.length * 2)
  larger.set(open)
  open = larger
}
