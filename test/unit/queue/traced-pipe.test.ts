/** Stamps stay with their messages whatever becomes of these. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../../src/message.ts'
import type { PipeOwner } from '../../../src/queue/pipe.ts'
import type { PipeTracer, Stamp } from '../../../src/queue/stamp.ts'
import { TracedPipe } from '../../../src/queue/traced-pipe.ts'

const DEAF: PipeOwner = { readable() {}, pressed() {}, writable() {}, detached() {}, drained() {} }
const MARKS = { messages: 4, bytes: Infinity }

/** Numbers what is offered, and keeps the numbers of what is taken and returned. */
class Counter implements PipeTracer<TracedPipe> {
  readonly taken_: (number | undefined)[] = []
  readonly back: [string, number][] = []
  #count = 0

  offered(): Stamp {
    return { source: 0, count: ++this.#count, produced: 0, queued: 0 }
  }
  pushed(): undefined {}
  taken(stamp: Stamp | undefined): void {
    this.taken_.push(stamp?.count)
  }
  returned(message: Message, { count }: Stamp): void {
    this.back.push([String(message), count])
  }
}

function pipeOf(owner: PipeOwner = DEAF) {
  const [near, far] = TracedPipe.pair(DEAF, owner, MARKS, MARKS)
  const [writer, reader] = [new Counter(), new Counter()]
  near.tracer = writer
  far.tracer = reader
  return { near, far, writer, reader }
}

const bytes = (text: string) => Buffer.from(text)

describe('A traced pipe', () => {
  test('gives each stamp with its message, read or taken', () => {
    const { near, far, reader } = pipeOf()
    for (const text of 'abc') expect(near.offer(bytes(text))).toBe(true)
    expect(String(far.read())).toBe('a')
    expect(String(far.take())).toBe('b')
    expect(String(far.take())).toBe('c')
    expect(far.take()).toBeUndefined()
    expect(far.read()).toBeUndefined()
    expect(reader.taken_).toEqual([1, 2, 3])
  })

  test('has no stamp for what it refused, nor for what was pushed', () => {
    const { near, far, reader } = pipeOf()
    for (const text of 'abcde') near.offer(bytes(text))
    expect(near.full).toBe(true)
    near.push(bytes('subscription'))
    while (far.take() !== undefined);
    expect(near.offer(bytes('f'))).toBe(true)
    far.take()
    expect(reader.taken_).toEqual([1, 2, 3, 4, undefined, 5])
  })

  test('forgets the stamp of what is revoked or dropped, also where a buffer waits twice', () => {
    const { near, far, reader } = pipeOf()
    const twice = bytes('twice')
    for (const message of [bytes('a'), twice, bytes('b'), twice]) near.offer(message)
    expect(near.revoke(twice)).toBe(true)
    expect(near.revoke(bytes('never'))).toBe(false)
    near.dropOldest()
    expect(String(far.take())).toBe('b')
    expect(far.take()).toBe(twice)
    expect(reader.taken_).toEqual([3, 4])
  })

  test('hands back the stamps of what comes back', () => {
    const { near, far, writer } = pipeOf()
    for (const text of 'abc') near.offer(bytes(text))
    far.read()
    expect(near.reclaim().map(String)).toEqual(['b', 'c'])
    expect(writer.back).toEqual([
      ['b', 2],
      ['c', 3],
    ])
  })

  test('keeps stamps in order when the reader takes a message while it is being offered', () => {
    const { near, reader } = pipeOf({ ...DEAF, readable: pipe => void pipe.take() })
    for (const text of 'abc') near.offer(bytes(text))
    expect(reader.taken_).toEqual([1, 2, 3])
  })
})
