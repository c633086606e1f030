/** Ways to spoil a stream of bytes, each said in a few numbers so that a case can be written down and shrunk. */
import { fc } from '../support/property.ts'

export interface Spoil {
  readonly how: 'flip' | 'set' | 'insert' | 'remove' | 'cut' | 'repeat'
  /** Taken modulo the length of the stream. */
  readonly at: number
  /** Bytes that are removed or repeated. */
  readonly size: number
  /** The byte that is set or inserted; for `flip`, which bit. */
  readonly value: number
}

export const spoils: fc.Arbitrary<Spoil> = fc.record({
  how: fc.constantFrom('flip', 'set', 'insert', 'remove', 'cut', 'repeat'),
  at: fc.nat(4000),
  size: fc.integer({ min: 1, max: 70 }),
  value: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 6, 127, 128, 255), fc.nat(255)),
})

export function spoil(bytes: Buffer, { how, at, size, value }: Spoil): Buffer {
  if (bytes.length === 0) return bytes
  const place = at % bytes.length
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  switch (how) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([after[0]! ^ (1 << (value % 8))]), after.subarray(1)])
    case 'set':
      return Buffer.concat([before, Buffer.from([value]), after.subarray(1)])
    case 'insert':
      return Buffer.concat([before, Buffer.from([value]), after])
    case 'remove':
      return Buffer.concat([before, after.subarray(size)])
    case 'cut':
      return Buffer.from(before)
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, size), after])
  }
}

/** Cuts a stream where each number, modulo what is left, says. */
export function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let rest = bytes
  for (const cut of cuts) {
    if (rest.length === 0) break
    const size = 1 + (cut % rest.length)
    chunks.push(rest.subarray(0, size))
    rest = rest.subarray(size)
  }
  chunks.push(rest)
  return chunks
}
