/** A queue against a plain model: any order of any calls. */

import { describe, expect, test } from 'vitest'
import { byteLengthOf, type Message } from '../../../src/message.ts'
import type { Marks } from '../../../src/queue/queue-ends.ts'
import { fc } from '../../support/property.ts'
import { queueOf } from './ears.ts'

/** What is known of a queue: what is unread, and what is read and not settled. */
interface Model {
  readonly marks: Marks
  waiting: Message[]
  reading: Message[]
  refusing: boolean
  writable: number
  readable: number
  settled: number
}

const bytesOf = (messages: readonly Message[]) => messages.reduce((sum, one) => sum + byteLengthOf(one), 0)
const held = ({ waiting, reading }: Model) => [...reading, ...waiting]
const atMark = (model: Model) => {
  const all = held(model)
  return all.length > 0 && (all.length >= model.marks.messages || bytesOf(all) >= model.marks.bytes)
}

function wrote(model: Model, message: Message): void {
  if (model.waiting.length === 0) model.readable++
  model.waiting.push(message)
}

function relieved(model: Model): void {
  const all = held(model)
  const half = all.length <= model.marks.messages / 2 && bytesOf(all) <= model.marks.bytes / 2
  if (!model.refusing || !half) return
  model.refusing = false
  model.writable++
}

type Real = ReturnType<typeof queueOf>

abstract class Step implements fc.Command<Model, Real> {
  check(): boolean {
    return true
  }
  abstract act(model: Model, real: Real): void
  run(model: Model, real: Real): void {
    this.act(model, real)
    expect(real.queue.length).toBe(held(model).length)
    expect(real.queue.bytes).toBe(bytesOf(held(model)))
    expect(real.queue.unread).toBe(model.waiting.length)
    expect(real.queue.passed).toBe(model.settled)
    expect(real.writer.writable).toBe(model.writable)
    expect(real.reader.readable).toBe(model.readable)
  }
  toString(): string {
    return this.constructor.name
  }
}

class Offer extends Step {
  readonly #message: Message
  constructor(message: Message) {
    super()
    this.#message = message
  }
  override act(model: Model, real: Real): void {
    const taken = !model.refusing && !atMark(model)
    if (taken) wrote(model, this.#message)
    else model.refusing = true
    expect(real.queue.offer(this.#message)).toBe(taken)
  }
  override toString(): string {
    return `offer(${byteLengthOf(this.#message)})`
  }
}

class Push extends Step {
  readonly #message: Message
  constructor(message: Message) {
    super()
    this.#message = message
  }
  override act(model: Model, real: Real): void {
    wrote(model, this.#message)
    if (atMark(model)) model.refusing = true
    expect(real.queue.push(this.#message)).toBe(!atMark(model))
  }
  override toString(): string {
    return `push(${byteLengthOf(this.#message)})`
  }
}

class Read extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) model.reading.push(message)
    expect(real.queue.read()).toBe(message)
  }
}

class Settle extends Step {
  readonly #share: number
  constructor(share: number) {
    super()
    this.#share = share
  }
  override act(model: Model, real: Real): void {
    const settled = model.reading.splice(0, Math.ceil(model.reading.length * this.#share))
    model.settled += settled.length
    relieved(model)
    real.queue.settle(settled.length, bytesOf(settled))
  }
}

class Take extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) {
      model.settled++
      relieved(model)
    }
    expect(real.queue.take()).toBe(message)
  }
}

class Reclaim extends Step {
  override act(model: Model, real: Real): void {
    expect(real.queue.reclaim().map(({ message }) => message)).toEqual(model.waiting)
    model.waiting = []
  }
}

class Revoke extends Step {
  readonly #at: number
  constructor(at: number) {
    super()
    this.#at = at
  }
  override act(model: Model, real: Real): void {
    const message = held(model)[this.#at]
    if (message === undefined) return
    const at = model.waiting.indexOf(message)
    if (at >= 0) {
      model.waiting.splice(at, 1)
      relieved(model)
    }
    expect(real.queue.revoke(message)).toBe(at >= 0)
  }
}

class DropOldest extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) model.refusing = false
    expect(real.queue.dropOldest()).toBe(message)
  }
}

class AwaitRoom extends Step {
  override act(model: Model, real: Real): void {
    if (atMark(model)) model.refusing = true
    real.queue.awaitRoom()
    expect([real.queue.hasRoom, real.queue.awaitsRoom]).toEqual([!model.refusing, model.refusing])
  }
}

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.nat(30).map(length => Buffer.alloc(length)),
  fc.array(
    fc.nat(20).map(length => Buffer.alloc(length)),
    { minLength: 2, maxLength: 3 },
  ),
)

const steps = fc.commands(
  [
    message.map(one => new Offer(one)),
    message.map(one => new Offer(one)),
    message.map(one => new Offer(one)),
    message.map(one => new Push(one)),
    fc.constant(new Read()),
    fc.constant(new Take()),
    fc.double({ min: 0, max: 1, noNaN: true }).map(share => new Settle(share)),
    fc.constant(new Reclaim()),
    fc.nat(8).map(at => new Revoke(at)),
    fc.constant(new DropOldest()),
    fc.constant(new AwaitRoom()),
  ],
  { maxCommands: 80 },
)

const marks = fc.record({ messages: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 120 }) })

describe('A queue', () => {
  test('behaves like its model', () => {
    fc.assert(
      fc.property(marks, steps, (given, commands) => {
        fc.modelRun(() => {
          const model: Model = {
            marks: given,
            waiting: [],
            reading: [],
            refusing: false,
            writable: 0,
            readable: 0,
            settled: 0,
          }
          return { model, real: queueOf(given) }
        }, commands)
      }),
      { numRuns: 400 },
    )
  })
})
