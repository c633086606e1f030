/** How many accepted peers a socket has, and whether one more may come in (option `maxPeers`). */

/** Milliseconds between two events of peers that were one too many: a crowd that is refused must not become a crowd of events. */
const QUIET = 1000

export class Capacity {
  readonly #limit: number
  #admitted = 0
  #told = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What to tell one more peer; undefined while there is room. */
  get objection(): string | undefined {
    if (this.#admitted < this.#limit) return undefined
    return `this socket has ${this.#limit} peers, as many as its option maxPeers allows`
  }

  entered(): void {
    this.#admitted++
  }

  left(): void {
    this.#admitted--
  }

  /** Whether an event about a peer that was one too many is due. */
  mayTell(): boolean {
    const now = performance.now()
    if (now - this.#told < QUIET) return false
    this.#told = now
    return true
  }
}
