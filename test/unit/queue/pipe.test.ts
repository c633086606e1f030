/** The pipe: marks, credit, signals, and what can be taken back. */
import { describe, expect, test } from 'vitest'
import { Pipe } from '../../../src/queue/pipe.ts'
import { BACK, Ear, pipeOf } from './ears.ts'

describe('One direction of a pipe', () => {
  test('takes exactly as many messages as its mark says', () => {
    const { writer } = pipeOf({ messages: 5, bytes: Infinity })
    let taken = 0
    while (writer.offer(Buffer.alloc(0))) taken++
    expect(taken).toBe(5)
  })

  test('takes bytes up to its mark, and the message that passes it', () => {
    const { writer } = pipeOf({ messages: Infinity, bytes: 100 })
    expect([60, 39, 40, 1].map(length => writer.offer(Buffer.alloc(length)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('takes any message when it is empty', () => {
    const { writer } = pipeOf({ messages: 1, bytes: 1 })
    expect(writer.offer(Buffer.alloc(1_000_000))).toBe(true)
    expect(writer.offer(Buffer.alloc(0))).toBe(false)
  })

  test('gives credit back only when what was read is settled', () => {
    const { writer, reader, near } = pipeOf({ messages: 2, bytes: Infinity })
    writer.offer(Buffer.from('a'))
    writer.offer(Buffer.from('b'))
    reader.read()
    reader.read()
    expect(writer.offer(Buffer.from('c'))).toBe(false)
    reader.settle(2, 2)
    expect(near.writable).toBe(1)
    expect(writer.offer(Buffer.from('c'))).toBe(true)
  })

  test('says once that there is room, when half of it has gone', () => {
    const { writer, reader, near } = pipeOf({ messages: 10, bytes: Infinity })
    while (writer.offer(Buffer.alloc(1)));
    for (let left = 10; left > 0; left--) {
      expect(near.writable, `${left} left`).toBe(left > 5 ? 0 : 1)
      reader.take()
    }
    expect(near.writable).toBe(1)
  })

  test('asks for haste at its mark and at 64 KiB, not before', () => {
    const { writer, far } = pipeOf({ messages: 3, bytes: Infinity })
    writer.offer(Buffer.alloc(1))
    writer.offer(Buffer.alloc(1))
    expect(far.pressed).toBe(0)
    writer.offer(Buffer.alloc(1))
    expect(far.pressed).toBe(1)
    const large = pipeOf({ messages: 1000, bytes: Infinity })
    large.writer.offer(Buffer.alloc(32 * 1024))
    expect(large.far.pressed).toBe(0)
    large.writer.offer(Buffer.alloc(32 * 1024))
    expect(large.far.pressed).toBe(1)
  })

  test('tells when everything has left after it was finished', () => {
    const { writer, reader, near } = pipeOf({ messages: 10, bytes: Infinity })
    writer.offer(Buffer.from('a'))
    writer.offer(Buffer.from('b'))
    writer.finish()
    reader.take()
    reader.read()
    expect(near.drained).toBe(0)
    reader.settle(1, 1)
    expect(near.drained).toBe(1)
    const empty = pipeOf(BACK)
    empty.writer.finish()
    expect(empty.near.drained).toBe(1)
  })
})

describe('The two ends of a pipe', () => {
  test('have marks of their own', () => {
    const { writer, reader } = pipeOf({ messages: 1, bytes: Infinity })
    expect([writer.offer(Buffer.alloc(1)), writer.offer(Buffer.alloc(1))]).toEqual([true, false])
    let taken = 0
    while (reader.offer(Buffer.alloc(1))) taken++
    expect(taken).toBe(BACK.messages)
  })

  test('can be widened, both at once', () => {
    const { writer, reader } = pipeOf({ messages: 1, bytes: 10 })
    reader.widen({ messages: 2, bytes: 10 }, { messages: 4, bytes: 10 })
    let taken = 0
    while (writer.offer(Buffer.alloc(0))) taken++
    while (reader.offer(Buffer.alloc(0))) taken++
    expect(taken).toBe(1 + 4 + BACK.messages + 2)
  })

  test('part once: the far one is told, and neither takes anything more', () => {
    const { writer, reader, near, far } = pipeOf(BACK)
    writer.offer(Buffer.from('a'))
    reader.offer(Buffer.from('b'))
    writer.close()
    writer.close()
    reader.close()
    expect([near.detached, far.detached]).toEqual([0, 1])
    expect([writer.closed, reader.closed, writer.hasRoom()]).toEqual([true, true, false])
    expect([writer.offer(Buffer.from('c')), reader.offer(Buffer.from('d'))]).toEqual([false, false])
  })

  test('leave what was written before they parted to be read, or to be taken back', () => {
    const { writer, reader } = pipeOf(BACK)
    writer.offer(Buffer.from('a'))
    writer.offer(Buffer.from('b'))
    reader.offer(Buffer.from('c'))
    reader.close()
    expect(writer.take()).toEqual(Buffer.from('c'))
    expect(writer.reclaim()).toEqual([Buffer.from('a'), Buffer.from('b')])
    expect(reader.take()).toBeUndefined()
  })

  test('take nothing back of what they have given', () => {
    const { writer, reader } = pipeOf(BACK)
    writer.offer(Buffer.from('a'))
    writer.give()
    expect(writer.reclaim()).toEqual([])
    expect(reader.take()).toEqual(Buffer.from('a'))
  })

  test('say nothing of room after they parted', () => {
    const { writer, reader, near } = pipeOf({ messages: 1, bytes: Infinity })
    writer.offer(Buffer.from('a'))
    writer.offer(Buffer.from('b'))
    reader.close()
    reader.take()
    expect(near.writable).toBe(0)
  })

  test('may be written to by an owner that is being called', () => {
    const order: string[] = []
    const writerOwner = new Ear()
    const readerOwner = new Ear()
    const [writer, reader] = Pipe.pair(writerOwner, readerOwner, { messages: 1, bytes: Infinity }, BACK)
    let next = 2
    writerOwner.writable = () => {
      if (next <= 4) writer.offer(Buffer.from(String(next++)))
    }
    readerOwner.readable = () => order.push('readable')
    writer.offer(Buffer.from('1'))
    const refused = () => writer.offer(Buffer.from('x'))
    for (let round = 0; round < 4; round++) {
      expect(refused()).toBe(false)
      order.push(String(reader.take()))
    }
    expect(order).toEqual(['readable', 'readable', '1', 'readable', '2', 'readable', '3', '4'])
  })
})
