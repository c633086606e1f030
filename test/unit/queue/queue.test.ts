/** The queue: marks, credit, signals, what can be taken back, and the stamps beside the messages. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/message.ts'
import { PathTimes } from '../../../src/queue/path-times.ts'
import { Queue } from '../../../src/queue/queue.ts'
import { Stamps } from '../../../src/queue/stamps.ts'
import { Ear, queueOf, SMALL } from './ears.ts'

const unsent = (queue: Queue) => queue.reclaim().map(({ message }) => String(message))

describe('A queue', () => {
  test('takes exactly as many messages as its mark says', () => {
    const { queue } = queueOf({ messages: 5, bytes: Infinity })
    let taken = 0
    while (queue.offer(Buffer.alloc(0))) taken++
    expect(taken).toBe(5)
  })

  test('takes bytes up to its mark, and the message that passes it', () => {
    const { queue } = queueOf({ messages: Infinity, bytes: 100 })
    expect([60, 39, 40, 1].map(length => queue.offer(Buffer.alloc(length)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('takes any message when it is empty', () => {
    const { queue } = queueOf({ messages: 1, bytes: 1 })
    expect(queue.offer(Buffer.alloc(1_000_000))).toBe(true)
    expect(queue.offer(Buffer.alloc(0))).toBe(false)
  })

  test('gives credit back only when what was read is settled', () => {
    const { queue, writer } = queueOf({ messages: 2, bytes: Infinity })
    queue.offer(Buffer.from('a'))
    queue.offer(Buffer.from('b'))
    queue.read()
    queue.read()
    expect(queue.offer(Buffer.from('c'))).toBe(false)
    queue.settle(2, 2)
    expect(writer.writable).toBe(1)
    expect(queue.offer(Buffer.from('c'))).toBe(true)
  })

  test('says once that there is room, when half of it has gone', () => {
    const { queue, writer } = queueOf({ messages: 10, bytes: Infinity })
    while (queue.offer(Buffer.alloc(1)));
    for (let left = 10; left > 0; left--) {
      expect(writer.writable, `${left} left`).toBe(left > 5 ? 0 : 1)
      queue.take()
    }
    expect(writer.writable).toBe(1)
  })

  test('only answers when it is asked for room, and announces it to a writer that wants to be told', () => {
    const { queue, writer } = queueOf({ messages: 1, bytes: Infinity })
    queue.offer(Buffer.alloc(1))
    expect(queue.hasRoom).toBe(false)
    queue.take()
    expect([queue.hasRoom, writer.writable]).toEqual([true, 0])
    queue.awaitRoom()
    expect(queue.awaitsRoom).toBe(false)
    queue.offer(Buffer.alloc(1))
    queue.awaitRoom()
    expect(queue.awaitsRoom).toBe(true)
    queue.take()
    expect([queue.hasRoom, writer.writable]).toEqual([true, 1])
  })

  test('asks for haste at its mark and at 64 KiB, not before', () => {
    const { queue, reader } = queueOf({ messages: 3, bytes: Infinity })
    queue.offer(Buffer.alloc(1))
    queue.offer(Buffer.alloc(1))
    expect(reader.pressed).toBe(0)
    queue.offer(Buffer.alloc(1))
    expect(reader.pressed).toBe(1)
    const large = queueOf({ messages: 1000, bytes: Infinity })
    large.queue.offer(Buffer.alloc(32 * 1024))
    expect(large.reader.pressed).toBe(0)
    large.queue.offer(Buffer.alloc(32 * 1024))
    expect(large.reader.pressed).toBe(1)
  })

  test('tells when everything has left after it was finished', () => {
    const { queue, writer } = queueOf({ messages: 10, bytes: Infinity })
    queue.offer(Buffer.from('a'))
    queue.offer(Buffer.from('b'))
    queue.finish()
    queue.take()
    queue.read()
    expect(writer.drained).toBe(0)
    queue.settle(1, 1)
    expect(writer.drained).toBe(1)
    const empty = queueOf(SMALL)
    empty.queue.finish()
    expect(empty.writer.drained).toBe(1)
  })

  test('can be widened', () => {
    const { queue } = queueOf({ messages: 1, bytes: 10 })
    queue.widen({ messages: 4, bytes: 10 })
    let taken = 0
    while (queue.offer(Buffer.alloc(0))) taken++
    expect(taken).toBe(5)
  })

  test('may be written to by a writer that is being called', () => {
    const order: string[] = []
    const queue = new Queue({ messages: 1, bytes: Infinity })
    const [writer, reader] = [new Ear(), new Ear()]
    queue.writer = writer
    queue.reader = reader
    let next = 2
    writer.writable = () => {
      if (next <= 4) queue.offer(Buffer.from(String(next++)))
    }
    reader.readable = () => order.push('readable')
    queue.offer(Buffer.from('1'))
    for (let round = 0; round < 4; round++) {
      expect(queue.offer(Buffer.from('x'))).toBe(false)
      order.push(String(queue.take()))
    }
    expect(order).toEqual(['readable', 'readable', '1', 'readable', '2', 'readable', '3', '4'])
  })
})

describe('A queue that is closed', () => {
  test('takes nothing more', () => {
    const { queue } = queueOf(SMALL)
    queue.close()
    queue.close()
    expect([queue.closed, queue.hasRoom, queue.offer(Buffer.from('a'))]).toEqual([true, false, false])
  })

  test('leaves what was written to be read, or to be taken back', () => {
    const { queue } = queueOf(SMALL)
    queue.offer(Buffer.from('a'))
    queue.offer(Buffer.from('b'))
    queue.offer(Buffer.from('c'))
    queue.close()
    expect(String(queue.take())).toBe('a')
    expect(unsent(queue)).toEqual(['b', 'c'])
    expect(queue.take()).toBeUndefined()
  })

  test('tells its writer nothing more; who writes to it then hears of all that is read', () => {
    const { queue, writer } = queueOf({ messages: 1, bytes: Infinity })
    queue.offer(Buffer.from('a'))
    queue.offer(Buffer.from('b'))
    queue.close()
    const heir = new Ear()
    queue.writer = heir
    queue.take()
    expect([writer.writable, heir.counts.writable]).toEqual([0, 1])
  })
})

describe('A queue with stamps', () => {
  const stamp = (count: number) => ({ source: 1, count, produced: 10, queued: 10 + count })

  function stamped() {
    const stamps = new Stamps()
    const sent = new PathTimes()
    stamps.sent.push(sent)
    const { queue } = queueOf({ messages: 3, bytes: Infinity }, stamps)
    const read = () => [String(queue.take()), stamps.last?.count]
    return { queue, read, sent }
  }

  test('keeps each beside its message, also when the same bytes are written twice', () => {
    const { queue, read } = stamped()
    const same = Buffer.from('a')
    queue.offer(same, stamp(1))
    queue.push(same)
    queue.offer(same, stamp(3))
    expect([read(), read(), read()]).toEqual([
      ['a', 1],
      ['a', undefined],
      ['a', 3],
    ])
  })

  test('loses the stamps of what is revoked or dropped, and of nothing else', () => {
    const { queue, read } = stamped()
    const messages: Message[] = ['a', 'b', 'c'].map(word => Buffer.from(word))
    for (const [at, message] of messages.entries()) queue.offer(message, stamp(at))
    expect(queue.revoke(messages[1]!)).toBe(true)
    queue.dropOldest()
    expect(read()).toEqual(['c', 2])
  })

  test('gives the stamps back with the messages that nobody has read', () => {
    const { queue } = stamped()
    queue.offer(Buffer.from('a'), stamp(1))
    queue.offer(Buffer.from('b'), stamp(2))
    queue.read()
    expect(queue.reclaim()).toEqual([{ message: Buffer.from('b'), stamp: stamp(2) }])
  })

  test('keeps them in order when the reader takes a message while it is being offered', () => {
    const stamps = new Stamps()
    const queue = new Queue(SMALL, stamps)
    const read: (number | undefined)[] = []
    const reader = new Ear()
    reader.readable = () => {
      queue.take()
      read.push(stamps.last?.count)
    }
    queue.reader = reader
    for (const count of [1, 2, 3]) queue.offer(Buffer.from('a'), stamp(count))
    expect(read).toEqual([1, 2, 3])
  })

  test('counts what was stamped and taken, and not what was refused', () => {
    const { queue, sent } = stamped()
    for (let count = 1; count <= 4; count++) queue.offer(Buffer.from('a'), stamp(count))
    expect([sent.sent, sent.sentProduce.samples]).toEqual([3, [1, 2, 3]])
  })
})
