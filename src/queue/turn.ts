/** Fairness towards the event loop: a loop of sends that are all taken at once would starve timers and I/O. */

/**
 * What may be done before the event loop gets its turn, in bytes; each message counts its bytes and 256 more.
 * Between 64 KiB and 1 MiB the throughput is the same; the longest gap falls from 40-62 ms without a budget to 9-14 ms.
 */
const BUDGET = 1024 * 1024
const PER_MESSAGE = 256

export class Turn {
  readonly #next: () => void
  #left = BUDGET
  /** The budget is spent: wait for `next`. */
  over = false

  /** `next` is called when a turn that was over has given way to the next one. */
  constructor(next: () => void) {
    this.#next = next
  }

  spend(bytes: number): void {
    this.#left -= PER_MESSAGE + bytes
    if (this.#left > 0 || this.over) return
    this.over = true
    setImmediate(() => {
      this.over = false
      this.#left = BUDGET
      this.#next()
    })
  }
}
