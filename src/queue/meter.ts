/** What has come into one queue, and how long messages wait in it. */
import { Delays } from './delays.ts'

/** One message in 64 is timed: reading the clock for each would cost a message within the process a tenth of its speed. */
const TIMED_MASK = 63

const NONE: readonly number[] = []

export class Meter {
  /** Messages that were written and not taken back, and their bytes. */
  written = 0
  writtenBytes = 0
  /** How many have to leave until the message whose wait is timed has left; 0 is none. */
  #timed = 0
  #timedSince = 0
  #delays: Delays | undefined

  /** Milliseconds from being written to no longer counting against the mark. */
  get delays(): readonly number[] {
    return this.#delays?.samples ?? NONE
  }

  /** `length`: of the queue, with this message. */
  wrote(bytes: number, length: number): void {
    this.writtenBytes += bytes
    if ((this.written++ & TIMED_MASK) !== 0 || this.#timed !== 0) return
    this.#timed = length
    this.#timedSince = performance.now()
  }

  /** A message was taken back. */
  unwrote(bytes: number): void {
    this.written--
    this.writtenBytes -= bytes
    this.#timed = 0
  }

  left(count: number): void {
    if (this.#timed !== 0 && (this.#timed -= count) <= 0) this.#timeIsUp()
  }

  #timeIsUp(): void {
    this.#timed = 0
    this.#delays ??= new Delays()
    this.#delays.add(performance.now() - this.#timedSince)
  }
}
