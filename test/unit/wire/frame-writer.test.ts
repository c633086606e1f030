/** The frame writer: what it lays out, the reader reads; small bodies are copied, large ones are not. */

import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/message.ts'
import { messageOf, partsOf } from '../../../src/message.ts'
import { FrameWriter } from '../../../src/wire/frame-writer.ts'
import { SLAB_SIZE, SlabPool } from '../../../src/wire/slab-pool.ts'
import { fc } from '../../support/property.ts'
import { bytes, messageBytes, pattern, readAll } from './streams.ts'

/** The bytes of one write, as the kernel would get them. */
function written(writer: FrameWriter): Buffer {
  return Buffer.concat(writer.chunks())
}

function layOut(...messages: Message[]): Buffer {
  const writer = new FrameWriter(new SlabPool())
  for (const message of messages) writer.message(message)
  return written(writer)
}

describe('A frame writer', () => {
  test('lays out the framing of RFC 37', () => {
    const laidOut = layOut(Buffer.from('hi'), [Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')])
    expect(laidOut).toEqual(Buffer.from([0, 2, 0x68, 0x69, 1, 1, 0x61, 1, 0, 0, 1, 0x62]))
  })

  test('writes what the reader reads, for all lengths round its borders', () => {
    const lengths = [0, 1, 47, 48, 49, 254, 255, 256, 257, 8191, 8192, 8193, 65_527, 65_535, 65_536, 65_537]
    for (const length of lengths) {
      const body = pattern(length)
      expect(layOut(body).equals(messageBytes(body)), `${length}`).toBe(true)
      // Behind a frame that leaves the slab less and less room.
      const first = pattern(SLAB_SIZE - length)
      expect(readAll([layOut(first, body)]), `behind ${first.length}`).toEqual([
        ['message', bytes(first)],
        ['message', bytes(body)],
      ])
    }
  })

  test('and reader are inverse for any messages and commands', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 20_000 }).map(pattern),
      fc.integer({ min: 60_000, max: 70_000 }).map(pattern),
    )
    const message = fc.array(part, { minLength: 1, maxLength: 4 }).map(messageOf)
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), messages => {
        const expected = messages.map(one => ['message', ...partsOf(one).map(bytes)])
        expect(readAll([layOut(...messages)])).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('copies a small body, so that the caller may change it, and refers to a large one', () => {
    const writer = new FrameWriter(new SlabPool())
    const small = Buffer.alloc(8192, 'a')
    const large = Buffer.alloc(8193, 'a')
    writer.message(small)
    writer.message(large)
    small.fill('b')
    expect(written(writer).includes('b')).toBe(false)
    expect(writer.chunks()).toContain(large)
  })

  test('says when it is time to write', () => {
    const writer = new FrameWriter(new SlabPool())
    expect(writer.empty).toBe(true)
    while (!writer.full) writer.message(pattern(100))
    expect(written(writer).length).toBeLessThanOrEqual(SLAB_SIZE)
    expect(written(writer).length).toBeGreaterThan(SLAB_SIZE - 500)
    writer.release()
    expect(writer.empty).toBe(true)
    expect(writer.full).toBe(false)
    writer.message(pattern(1024 * 1024))
    expect(writer.full).toBe(true)
  })

  test('uses a slab again only after its release', () => {
    const pool = new SlabPool()
    const first = new FrameWriter(pool)
    const second = new FrameWriter(pool)
    first.message(Buffer.from('first'))
    const kept = first.chunks()
    second.message(Buffer.from('second'))
    expect(Buffer.concat(kept).toString()).toContain('first')
    first.release()
    const third = new FrameWriter(pool)
    third.message(Buffer.from('third'))
    expect(third.chunks()[0]!.buffer).toBe(kept[0]!.buffer)
  })

  test('seals every frame, commands too, and hides their flags', () => {
    const writer = new FrameWriter(new SlabPool())
    writer.sealWith({ seal: (flags, body) => Buffer.concat([Buffer.from([flags + 64]), body]) })
    writer.message([Buffer.from('a'), Buffer.from('b')])
    writer.command(Buffer.from('\x01x'))
    expect(readAll([written(writer)])).toEqual([
      ['message', 'Aa'],
      ['message', '@b'],
      ['message', 'D\x01x'],
    ])
  })
})

describe('A slab pool', () => {
  test('keeps a few slabs and lets the others go', () => {
    const pool = new SlabPool()
    const slabs = Array.from({ length: 40 }, () => pool.take())
    for (const slab of slabs) pool.give(slab)
    const again = Array.from({ length: 40 }, () => pool.take())
    expect(new Set(again).size).toBe(40)
    expect(again.filter(slab => slabs.includes(slab)).length).toBe(16)
  })
})
