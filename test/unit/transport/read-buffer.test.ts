import { describe, expect, test } from 'vitest'
import { ReadBuffer } from '../../../src/transport/read-buffer.ts'

const SIZE = 64 * 1024

/** Does what Node does: fills the buffer it was given last, reports, and asks for the next. */
function reader() {
  const reading = new ReadBuffer()
  const chunks: Buffer[] = []
  reading.sink = { room: undefined, received: chunk => void chunks.push(chunk), readOn() {} }
  let target = reading.buffer()
  return {
    chunks,
    get target() {
      return target
    },
    read(length: number, value: number) {
      target.fill(value, 0, length)
      reading.callback(length, target)
      target = reading.buffer()
    },
  }
}

describe('a read buffer', () => {
  test.each([
    ['short reads', [1, 16, 5000, 1, 40_000]],
    ['reads that fill the buffer', [SIZE, SIZE, SIZE]],
    ['both', [SIZE, 10, SIZE, SIZE / 2, SIZE, SIZE / 2 - 1, 3, SIZE, SIZE, SIZE - 1, 1]],
  ])('never writes again into what it gave away: %s', (_name, lengths) => {
    const { chunks, read } = reader()
    for (const [index, length] of lengths.entries()) read(length, index + 1)
    expect(chunks.map(chunk => chunk.length)).toEqual(lengths)
    for (const [index, chunk] of chunks.entries())
      expect(chunk.equals(Buffer.alloc(chunk.length, index + 1))).toBe(true)
  })

  test('is shared by all connections while their reads are short', () => {
    const one = reader()
    const two = reader()
    expect(one.target).toBe(two.target)
    one.read(100, 1)
    two.read(100, 2)
    expect(one.target).toBe(two.target)
    expect([one.chunks[0]![0], two.chunks[0]![0]]).toEqual([1, 2])
  })

  test('gives large reads away without a copy, and holds nothing once they end', () => {
    const stream = reader()
    const shared = stream.target
    stream.read(SIZE, 1)
    const own = stream.target
    expect(own).not.toBe(shared)
    stream.read(SIZE, 2)
    expect(stream.chunks[1]).toBe(own)
    const next = stream.target
    stream.read(SIZE - 1, 3)
    expect(stream.chunks[2]!.buffer).toBe(next.buffer)
    expect(stream.target).toBe(shared)
  })
})
