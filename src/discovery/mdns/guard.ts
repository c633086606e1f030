/** What a stranger's datagram may cost. dns-packet has no bounds of its own: 9,000 bytes can keep it busy for seconds. */

/** RFC 6762, 17: the longest message, headers included. */
export const MAX_MESSAGE = 9_000
/** Reads that one datagram may take. An honest one of 9,000 bytes takes under 8,000. */
export const MAX_READS = 10_000
/** RFC 1035, 4.1.2: the shortest entry, a question for the root. */
const MIN_ENTRY = 5
const HEADER = 12

/** The methods dns-packet reads with, and how many reads a call counts for: a byte of an NSEC bitmap makes up to eight type names. */
const READS = { readUInt8: 8, readUInt16BE: 1, readUInt32BE: 1, slice: 1, toString: 1 } as const

/** False: not worth reading. dns-packet allocates on the word of the header's counts. */
export function isPlausible(bytes: Buffer): boolean {
  if (bytes.length < HEADER || bytes.length > MAX_MESSAGE) return false
  let entries = 0
  for (let at = 4; at < HEADER; at += 2) entries += bytes.readUInt16BE(at)
  return HEADER + entries * MIN_ENTRY <= bytes.length
}

/** The same bytes, whose reading throws `RangeError` once it has gone on for too long: whatever is in them, the work is bounded. */
export function metered(bytes: Buffer): Buffer {
  let left = MAX_READS
  for (const [name, cost] of Object.entries(READS)) {
    const read: (...args: unknown[]) => unknown = Reflect.get(bytes, name)
    const counted = (...args: unknown[]) => {
      left -= cost
      if (left < 0) throw new RangeError('a datagram that takes too long to read')
      return read.apply(bytes, args)
    }
    Object.defineProperty(bytes, name, { value: counted })
  }
  return bytes
}
