/** What PING and PONG prove: each PING carries the count of messages so far, its PONG brings it back. */
import type { Frame } from '../message.ts'

/** A count and a time, eight bytes each: as long as a PING's context may be. */
const CONTEXT_SIZE = 16

/** Somebody who waits until the peer has so many messages. */
interface Waiting {
  readonly count: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Delivery {
  /** Messages handed to the kernel. */
  written = 0
  /** Of these, known to have arrived. */
  covered = 0
  /** Of these, with a PING written behind them. */
  asked = 0
  /** A PING that nothing unread can hold up is not answered. */
  owed = false
  /** Milliseconds of the last answered PING. */
  roundTrip: number | undefined
  #waiting: Waiting[] = []

  get uncovered(): number {
    return this.written - this.covered
  }

  /** What to put into a PING sent now. */
  context(): Frame {
    if (this.uncovered === 0) this.owed = true
    this.asked = this.written
    const context = new DataView(new ArrayBuffer(CONTEXT_SIZE))
    context.setFloat64(0, this.written)
    context.setFloat64(8, performance.now())
    return new Uint8Array(context.buffer)
  }

  /** Takes the context of a PONG; false for one that we cannot have sent, which proves nothing. */
  answered(context: Frame): boolean {
    if (context.length !== CONTEXT_SIZE) return false
    const bytes = new DataView(context.buffer, context.byteOffset)
    const count = bytes.getFloat64(0)
    const roundTrip = performance.now() - bytes.getFloat64(8)
    if (!Number.isInteger(count) || count < this.covered || count > this.written || !(roundTrip >= 0))
      return false
    this.covered = count
    this.owed = false
    this.roundTrip = roundTrip
    return true
  }

  /** Whether anybody waits. */
  get awaited(): boolean {
    return this.#waiting.length > 0
  }

  /** Resolves once `reached` is called with this count or more. */
  until(count: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ count, resolve, reject }))
  }

  reached(count: number): void {
    if (this.#waiting.length === 0) return
    const done = this.#waiting.filter(waiting => waiting.count <= count)
    this.#waiting = this.#waiting.filter(waiting => waiting.count > count)
    for (const { resolve } of done) resolve()
  }

  fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}
