/** One direction of a pipe against a plain model: any order of any calls. */

import { describe, expect, test } from 'vitest'
import { byteLengthOf, type Message } from '../../../src/message.ts'
import type { Marks } from '../../../src/queue/pipe.ts'
import { fc } from '../../support/property.ts'
import { pipeOf } from './ears.ts'

/** What is known of one direction: in the ring, read and not settled. */
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

type Real = ReturnType<typeof pipeOf>

abstract class Step implements fc.Command<Model, Real> {
  check(): boolean {
    return true
  }
  abstract act(model: Model, real: Real): void
  run(model: Model, real: Real): void {
    this.act(model, real)
    expect(real.writer.queued).toBe(held(model).length)
    expect(real.writer.queuedBytes).toBe(bytesOf(held(model)))
    expect(real.reader.waiting).toBe(model.waiting.length)
    expect(real.writer.sent).toBe(model.settled)
    expect(real.near.writable).toBe(model.writable)
    expect(real.far.readable).toBe(model.readable)
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
    expect(real.writer.offer(this.#message)).toBe(taken)
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
    expect(real.writer.push(this.#message)).toBe(!atMark(model))
  }
  override toString(): string {
    return `push(${byteLengthOf(this.#message)})`
  }
}

class Read extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) model.reading.push(message)
    expect(real.reader.read()).toBe(message)
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
    real.reader.settle(settled.length, bytesOf(settled))
  }
}

class Take extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) {
      model.settled++
      relieved(model)
    }
    expect(real.reader.take()).toBe(message)
  }
}

class Reclaim extends Step {
  override act(model: Model, real: Real): void {
    expect(real.writer.reclaim()).toEqual(model.waiting)
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
    expect(real.writer.revoke(message)).toBe(at >= 0)
  }
}

class DropOldest extends Step {
  override act(model: Model, real: Real): void {
    const message = model.waiting.shift()
    if (message !== undefined) model.refusing = false
    expect(real.writer.dropOldest()).toBe(message)
  }
}

class HasRoom extends Step {
  override act(model: Model, real: Real): void {
    if (atMark(model)) model.refusing = true
    expect(real.writer.hasRoom()).toBe(!model.refusing)
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
    fc.constant(new HasRoom()),
  ],
  { maxCommands: 80 },
)

const marks = fc.record({ messages: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 120 }) })

describe('One direction of a pipe', () => {
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
          return { model, real: pipeOf(given) }
        }, commands)
      }),
      { numRuns: 400 },
    )
  })
})
