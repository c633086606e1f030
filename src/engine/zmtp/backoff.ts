/** The pauses between attempts to dial: they double from one to the next, with jitter, so that many peers do not return at once. */
export class Backoff {
  readonly #first: number
  readonly #longest: number
  #attempt = 0

  /** Milliseconds. */
  constructor(first: number, longest: number) {
    this.#first = first
    this.#longest = Math.max(first, longest)
  }

  /** Attempts since the last success. */
  get attempt(): number {
    return this.#attempt
  }

  /** The next pause, in whole milliseconds: between half and all of what is due. */
  next(): number {
    const due = Math.min(this.#longest, this.#first * 2 ** this.#attempt++)
    return this.#jittered(due)
  }

  /** The longest pause: the peer has refused us for good. */
  last(): number {
    this.#attempt++
    return this.#jittered(this.#longest)
  }

  reset(): void {
    this.#attempt = 0
  }

  #jittered(due: number): number {
    // setTimeout's range ends at 2^31 - 1.
    return Math.round(Math.min(due, 2 ** 31 - 1) * (0.5 + Math.random() / 2))
  }
}
