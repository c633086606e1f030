/** The frame reader: any split of a stream gives the same frames, and what breaks the framing is named. */

import { describe, expect, test } from 'vitest'
import { MessageSizeError, ProtocolError } from '../../../src/errors.ts'
import { type Message, partsOf } from '../../../src/message.ts'
import { encodeCommand } from '../../../src/wire/command.ts'
import { FrameReader } from '../../../src/wire/frame-reader.ts'
import { fc } from '../../support/property.ts'
import { bytes, commandBytes, messageBytes, NO_LIMITS, pattern, Recorder, readAll } from './streams.ts'

/** Short and long, empty and several parts, commands between messages and between parts. */
const STREAM = Buffer.concat([
  messageBytes(Buffer.from('one')),
  messageBytes(Buffer.alloc(0)),
  commandBytes(encodeCommand('PING', Buffer.from([0, 0]), Buffer.from('ctx'))),
  messageBytes(pattern(255)),
  messageBytes(pattern(256)),
  messageBytes(Buffer.from('a'), Buffer.alloc(0), pattern(300)),
  Buffer.concat([
    messageBytes(Buffer.from('first'), Buffer.from('x')).subarray(0, 7),
    commandBytes(encodeCommand('PONG')),
    messageBytes(Buffer.from('last')),
  ]),
  messageBytes(Buffer.from('end')),
])
const EXPECTED = [
  ['message', 'one'],
  ['message', ''],
  ['command', '\x04PING\0\0ctx'],
  ['message', bytes(pattern(255))],
  ['message', bytes(pattern(256))],
  ['message', 'a', '', bytes(pattern(300))],
  ['command', '\x04PONG'],
  ['message', 'first', 'last'],
  ['message', 'end'],
]

describe('A stream of frames', () => {
  test('is read whole', () => {
    expect(readAll([STREAM])).toEqual(EXPECTED)
  })

  test('reads the same when it is cut at any one place', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(readAll([STREAM.subarray(0, at), STREAM.subarray(at)]), `cut at ${at}`).toEqual(EXPECTED)
    }
  })

  test('reads the same when it comes in chunks of any one size', () => {
    for (let size = 1; size < 40; size++) {
      const chunks = []
      for (let at = 0; at < STREAM.length; at += size) chunks.push(STREAM.subarray(at, at + size))
      expect(readAll(chunks), `chunks of ${size}`).toEqual(EXPECTED)
    }
  })

  test('reads the same however it is cut', () => {
    const cuts = fc.array(fc.nat(STREAM.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, places => {
        const sorted = [0, ...places.sort((a, b) => a - b), STREAM.length]
        const chunks = sorted.slice(1).map((end, index) => STREAM.subarray(sorted[index]!, end))
        expect(readAll(chunks)).toEqual(EXPECTED)
      }),
    )
  })

  test('reads bodies of all lengths round the borders of a length field and of a socket read', () => {
    const lengths = [0, 1, 2, 7, 8, 9, 127, 128, 254, 255, 256, 257, 511, 65_534, 65_535, 65_536, 65_537]
    for (const length of lengths) {
      const body = pattern(length)
      const stream = messageBytes(body)
      expect(stream.length - length, `header of ${length}`).toBe(length < 256 ? 2 : 9)
      expect(readAll([stream]), `${length} whole`).toEqual([['message', bytes(body)]])
      for (const at of [1, 2, 3, 8, 9, 10, stream.length - 1]) {
        if (at >= stream.length) continue
        const halves = [stream.subarray(0, at), stream.subarray(at)]
        expect(readAll(halves), `${length} cut at ${at}`).toEqual([['message', bytes(body)]])
      }
    }
  })

  test('joins a body of several megabytes that comes in socket reads', () => {
    const body = pattern(5 * 1024 * 1024 + 3)
    const stream = messageBytes(body, Buffer.from('tail'))
    const chunks = []
    for (let at = 0; at < stream.length; at += 65_536) chunks.push(stream.subarray(at, at + 65_536))
    expect(readAll(chunks)).toEqual([['message', bytes(body), 'tail']])
  })

  test('accepts a short body under a long length, as RFC 37 allows', () => {
    const stream = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 3, 0x61, 0x62, 0x63])
    expect(readAll([stream])).toEqual([['message', 'abc']])
  })
})

describe('A sink that asks to stop', () => {
  test('gets nothing more until the reader is resumed, and misses nothing', () => {
    const sink = new Recorder()
    sink.patience = 1
    const reader = new FrameReader(sink, NO_LIMITS)
    expect(reader.feed(Buffer.from(STREAM))).toBe(false)
    for (let read = 1; read < EXPECTED.length; read++) {
      expect(sink.reads).toEqual(EXPECTED.slice(0, read))
      expect(reader.stopped).toBe(true)
      sink.patience = 1
      expect(reader.resume()).toBe(false)
    }
    expect(sink.reads).toEqual(EXPECTED)
    // The stop counts although nothing is left: what comes next must wait.
    expect(reader.stopped).toBe(true)
    expect(reader.resume()).toBe(true)
    expect(reader.stopped).toBe(false)
  })
})

describe('A peer that breaks the framing', () => {
  test('is refused for every reserved flag and for a command that has more to come', () => {
    for (let flags = 0; flags < 256; flags++) {
      const read = () => readAll([Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0])])
      // RFC 37: bits 7 to 3 are zero, and a command frame has no MORE.
      if (flags > 7 || (flags & 5) === 5) expect(read, `flags ${flags}`).toThrow(ProtocolError)
      else expect(read, `flags ${flags}`).not.toThrow()
    }
  })

  test('is refused by its header alone when the body would be too long', () => {
    const limits = { maxMessageSize: 1000, maxParts: 10 }
    const header = messageBytes(pattern(1001)).subarray(0, 9)
    expect(() => readAll([header], limits)).toThrow(MessageSizeError)
    expect(readAll([messageBytes(pattern(1000))], limits)).toHaveLength(1)
  })

  test('is refused for a short frame over a small limit', () => {
    const limits = { maxMessageSize: 4, maxParts: 10 }
    expect(readAll([messageBytes(pattern(4))], limits)).toHaveLength(1)
    expect(() => readAll([messageBytes(pattern(5))], limits)).toThrow(MessageSizeError)
  })

  test('is refused when all parts together are too long', () => {
    const limits = { maxMessageSize: 1000, maxParts: 10 }
    expect(readAll([messageBytes(pattern(500), pattern(500))], limits)).toHaveLength(1)
    expect(() => readAll([messageBytes(pattern(500), pattern(501))], limits)).toThrow(MessageSizeError)
  })

  test('is refused for one part too many', () => {
    const limits = { maxMessageSize: 1000, maxParts: 3 }
    const part = Buffer.from('p')
    expect(readAll([messageBytes(part, part, part)], limits)).toHaveLength(1)
    expect(() => readAll([messageBytes(part, part, part, part)], limits)).toThrow(MessageSizeError)
  })

  test('is refused for lengths beyond what a number can hold', () => {
    const limits = { maxMessageSize: 2 ** 40, maxParts: 3 }
    for (const high of [0xff, 0x80, 0x7f, 0x01]) {
      const header = Buffer.from([2, high, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
      expect(() => readAll([header], limits)).toThrow(MessageSizeError)
    }
  })

  test('gets no memory on its word alone', () => {
    const reader = new FrameReader(new Recorder(), NO_LIMITS)
    // 2^62 bytes are promised; an allocation of that size would throw.
    reader.feed(Buffer.from([2, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]))
    const before = process.memoryUsage().arrayBuffers
    reader.feed(Buffer.alloc(1000))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  test('never makes the reader throw anything but the two errors of peers', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), chunks => {
        try {
          readAll(chunks, { maxMessageSize: 64, maxParts: 3 })
        } catch (error) {
          if (!(error instanceof ProtocolError) && !(error instanceof MessageSizeError)) throw error
        }
      }),
    )
  })
})

describe('A reader that offers room', () => {
  const bodies = [pattern(20_000), pattern(1_500_000), pattern(100), pattern(70_000), pattern(3_000_000)]
  const stream = Buffer.concat([...bodies.map(body => messageBytes(body)), messageBytes(...bodies)])
  const expected = [...bodies.map(body => [body]), bodies]

  /** Reads as a connection does that asks where to put the next bytes; `sizes` are the most it gets at a time, in turn. */
  function readIntoRoom(sizes: readonly number[]): { parts: Buffer[][]; offered: number } {
    const parts: Buffer[][] = []
    const sink = {
      message(message: Message) {
        parts.push(partsOf(message) as Buffer[])
        return true
      },
      command: () => true,
    }
    const reader = new FrameReader(sink, NO_LIMITS)
    let offered = 0
    for (let at = 0, turn = 0; at < stream.length; turn++) {
      const { room } = reader
      const length = Math.min(sizes[turn % sizes.length]!, stream.length - at, room?.length ?? Infinity)
      const chunk = room === undefined ? Buffer.alloc(length) : room.subarray(0, length)
      stream.copy(chunk, 0, at)
      if (room !== undefined) offered++
      reader.feed(chunk)
      at += length
    }
    return { parts, offered }
  }

  test.each([[[65_536]], [[1000, 65_536, 300_000]], [[16_384, 1]], [[2_000_000]]])(
    'reads the same whether or not the room is used, in chunks of %j',
    sizes => {
      const { parts, offered } = readIntoRoom(sizes)
      expect(offered).toBeGreaterThan(0)
      expect(parts.map(message => message.map(part => part.length))).toEqual(
        expected.map(message => message.map(part => part.length)),
      )
      for (const [at, message] of parts.entries()) {
        for (const [index, part] of message.entries()) expect(part.equals(expected[at]![index]!)).toBe(true)
      }
    },
  )

  test('offers none between frames, for a body nearly complete, and while it keeps bytes', () => {
    const sink = new Recorder()
    const reader = new FrameReader(sink, NO_LIMITS)
    expect(reader.room).toBeUndefined()
    const body = messageBytes(pattern(100_000))
    reader.feed(body.subarray(0, 50_000))
    expect(reader.room!.length).toBe(50_009)
    reader.feed(body.subarray(50_000, 90_000))
    expect(reader.room).toBeUndefined()
    sink.patience = 1
    reader.feed(Buffer.concat([body.subarray(90_000), body]))
    expect([reader.stopped, reader.room]).toEqual([true, undefined])
  })
})

describe('A sealed stream', () => {
  const opener = {
    overhead: 1,
    open: (body: Uint8Array) => ({ flags: body[0]!, body: Buffer.from(body.subarray(1)) }),
  }

  test('is opened frame by frame, and the inner flags count', () => {
    const sink = new Recorder()
    const reader = new FrameReader(sink, NO_LIMITS)
    reader.openWith(opener)
    for (const body of ['\x01a', '\x04\x01x', '\x00b', '\x00c']) reader.feed(messageBytes(Buffer.from(body)))
    expect(sink.reads).toEqual([
      ['command', '\x01x'],
      ['message', 'a', 'b'],
      ['message', 'c'],
    ])
  })

  test('may not carry a frame in clear', () => {
    for (const flags of [1, 4]) {
      const reader = new FrameReader(new Recorder(), NO_LIMITS)
      reader.openWith(opener)
      expect(() => reader.feed(Buffer.from([flags, 1, 0]))).toThrow(ProtocolError)
    }
  })
})
