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

  /**
   * The next pause, in whole milliseconds: between half and all of what is due. With several `addresses` it doubles after
   * each round of them, and there is none in the first round.
   */
  next(addresses = 1): number {
    const round = Math.floor(++this.#attempt / addresses)
    if (round === 0) return 0
    return this.#jittered(Math.min(this.#longest, this.#first * 2 ** (round - 1)))
  }

  /** The longest pause, where `next` would pause: the peer has refused us for good. */
  last(addresses = 1): number {
    return ++this.#attempt < addresses ? 0 : this.#jittered(this.#longest)
  }

  reset(): void {
    this.#attempt = 0
  }

  #jittered(due: number): number {
    // setTimeout's range ends at 2^31 - 1.
    return Math.round(Math.min(due, 2 ** 31 - 1) * (0.5 + Math.random() / 2))
  }
}
