/** How long messages wait in a queue, from a sample: the last waits that were timed, and what share was longer. */

/** Milliseconds a message waited. */
export interface Delay {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** Messages that were timed: one in 64 (with `trace`: each), the latest 128 of them. */
  readonly samples: number
}

const KEPT = 128

export class Delays {
  readonly #samples: number[] = []
  #next = 0

  get samples(): readonly number[] {
    return this.#samples
  }

  add(milliseconds: number): void {
    this.#samples[this.#next] = milliseconds
    this.#next = (this.#next + 1) % KEPT
  }
}

/** Undefined when nothing was timed. */
export function delayOf(samples: readonly number[]): Delay | undefined {
  if (samples.length === 0) return undefined
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1)!, samples: sorted.length }
}
