/** Fairness towards the event loop: received messages that nobody is to see must not hold it up. Values yield by themselves, when their loop waits. */

/**
 * What may be skipped before the event loop gets its turn, in bytes; each message counts its bytes and more. A hundred
 * messages that do not decode take 1 to 6 ms; a thousand topics that nobody wants, less than one.
 */
const BUDGET = 1024 * 1024
const PER_INVALID = 10 * 1024
const PER_UNWANTED = 1024

export class Allowance {
  #left = BUDGET
  /** Used up: nothing more in this turn. */
  over = false

  invalid(bytes: number): void {
    this.#spend(PER_INVALID + bytes)
  }

  unwanted(bytes: number): void {
    this.#spend(PER_UNWANTED + bytes)
  }

  /** Resolves in the next turn. */
  renewed(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve))
  }

  #spend(bytes: number): void {
    this.#left -= bytes
    if (this.#left > 0 || this.over) return
    this.over = true
    setImmediate(() => {
      this.over = false
      this.#left = BUDGET
    })
  }
}
