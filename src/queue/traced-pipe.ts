/** A pipe that keeps a stamp beside each message. Sockets that trace have these in place of plain ones, which know nothing of it. */
import { EMPTY_FRAME, type Message } from '../message.ts'
import { PathTimes } from './path-times.ts'
import { type Marks, Pipe, type PipeOwner } from './pipe.ts'
import { Ring } from './ring.ts'
import type { PeerClock, PipeTracer, Stamp } from './stamp.ts'

interface Entry {
  readonly message: Message
  readonly stamp: Stamp | undefined
}

export class TracedPipe extends Pipe {
  /** Whoever owns this end and traces. */
  tracer: PipeTracer<TracedPipe> | undefined
  /** Set once the peer is known to trace too. */
  clock: PeerClock | undefined
  readonly times = new PathTimes()
  #partner!: TracedPipe
  /** One for each message that this end wrote and the far end has not taken, in their order. */
  readonly #entries = new Ring<Entry>()

  static override pair(
    first: PipeOwner,
    second: PipeOwner,
    forward: Marks,
    backward: Marks,
  ): [TracedPipe, TracedPipe] {
    const near = new TracedPipe(first, forward)
    const far = new TracedPipe(second, backward)
    near.#partner = far
    far.#partner = near
    return Pipe.join(near, far)
  }

  get far(): TracedPipe {
    return this.#partner
  }

  // An entry is there before its message: the far end may take it at once.

  override offer(message: Message): boolean {
    if (!this.hasRoom()) return false
    this.#entries.push({ message, stamp: this.tracer?.offered(message, this) })
    return super.offer(message)
  }

  override push(message: Message): boolean {
    this.#entries.push({ message, stamp: this.tracer?.pushed(message) })
    return super.push(message)
  }

  override read(): Message | undefined {
    const entry = this.#partner.#entries.shift()
    const message = super.read()
    if (entry !== undefined) this.tracer?.taken(entry.stamp, this)
    return message
  }

  override take(): Message | undefined {
    const entry = this.#partner.#entries.shift()
    const message = super.take()
    // Last of all: taking makes room, and room may bring more.
    if (entry !== undefined) this.tracer?.taken(entry.stamp, this)
    return message
  }

  override reclaim(): Message[] {
    const messages = super.reclaim()
    if (messages.length === 0) return messages
    for (const { message, stamp } of this.#entries.drain())
      if (stamp !== undefined) this.tracer?.returned(message, stamp)
    return messages
  }

  override revoke(message: Message): boolean {
    let found = false
    for (const entry of this.#entries.drain()) {
      if (!found && entry.message === message) found = true
      else this.#entries.push(entry)
    }
    return super.revoke(message)
  }

  override tighten(count: number): void {
    // The entries hold the messages too, and are as many as wait.
    this.#entries.replaceLast(count, ({ stamp }) => ({ message: EMPTY_FRAME, stamp }))
    super.tighten(count)
  }

  override dropOldest(): Message | undefined {
    this.#entries.shift()
    return super.dropOldest()
  }
}
