/** The course of one run, from its samples: the first second, then a warm-up until the rate has settled, then the window that counts. */
import type { Sample } from './ends/spec.ts'

export interface Timing {
  /** Milliseconds: the least warm-up, the most of it, and the window. */
  readonly warmUp: number
  readonly patience: number
  readonly window: number
}

/** Messages a second. */
export interface Rates {
  /** Of the first second. */
  readonly cold: number
  readonly steady: number
  /** Whether the rate had settled before the window began. */
  readonly settled: boolean
}

/** Milliseconds that count as cold. */
const COLD = 1000
/**
 * The rate has settled when so many successive half-seconds lie within a tenth. At 1 MiB it climbs for two seconds by
 * more than that, and afterwards a half-second differs from the next by 2 to 8 %.
 */
const LOOKS = 3
const WITHIN = 0.1

export class Course {
  readonly #timing: Timing
  readonly #samples: Sample[] = []
  /** Where the window begins. */
  #from: Sample | undefined
  #settled = false

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** The sample with which the window begins; undefined while the run is warming up. */
  get from(): Sample | undefined {
    return this.#from
  }

  /** True when the window is over. */
  add(sample: Sample): boolean {
    const samples = this.#samples
    samples.push(sample)
    if (this.#from !== undefined) return sample.at - this.#from.at >= this.#timing.window
    const elapsed = sample.at - samples[0]!.at
    this.#settled = settled(samples)
    if (elapsed >= this.#timing.warmUp && (this.#settled || elapsed >= this.#timing.patience))
      this.#from = sample
    return false
  }

  get rates(): Rates {
    const [first] = this.#samples
    const cold = this.#samples.find(({ at }) => at - first!.at >= COLD)
    return {
      cold: rate(first!, cold!),
      steady: rate(this.#from!, this.#samples.at(-1)!),
      settled: this.#settled,
    }
  }
}

function settled(samples: readonly Sample[]): boolean {
  const last = samples.slice(-LOOKS - 1)
  if (last.length <= LOOKS) return false
  const rates = last.slice(1).map((sample, index) => rate(last[index]!, sample))
  return Math.max(...rates) <= Math.min(...rates) * (1 + WITHIN)
}

function rate(from: Sample, to: Sample): number {
  return (to.count - from.count) / ((to.at - from.at) / 1000)
}

/** What one message has cost a process between two samples. What the end cannot tell is absent. */
export interface Cost {
  /** Microseconds of processor time. */
  readonly cpu?: number
  /** Page faults. */
  readonly faults?: number
  /** Bytes allocated in the JavaScript heap. */
  readonly heap?: number
}

export function costBetween(from: Sample, to: Sample): Cost {
  const messages = to.count - from.count
  if (messages <= 0) return {}
  const each = (name: 'cpu' | 'faults' | 'heap') => {
    const [before, after] = [from[name], to[name]]
    return before === undefined || after === undefined ? {} : { [name]: (after - before) / messages }
  }
  return { ...each('cpu'), ...each('faults'), ...each('heap') }
}
