/** What one end has done so far, told now and then: messages, and what they have cost its process. */
import { GCProfiler, getHeapStatistics } from 'node:v8'
import type { Sample } from './spec.ts'

/** Milliseconds between two samples, where nothing else is asked for. */
const INTERVAL = 500

export class Samples {
  readonly #tell: (sample: Sample) => void
  readonly #interval: number
  readonly #garbage = new GCProfiler()
  #collected = 0
  #count = 0
  #due = 0

  constructor(tell: (sample: Sample) => void, interval = INTERVAL) {
    this.#tell = tell
    this.#interval = interval
    this.#garbage.start()
  }

  /** So many messages more. The first call tells the first sample. */
  add(count: number): void {
    this.#count += count
    const now = performance.now()
    if (now < this.#due) return
    this.#due = now + this.#interval
    const { userCPUTime, systemCPUTime, minorPageFault, majorPageFault } = process.resourceUsage()
    this.#tell({
      at: now,
      count: this.#count,
      cpu: userCPUTime + systemCPUTime,
      faults: minorPageFault + majorPageFault,
      heap: this.#heap(),
    })
  }

  /** Bytes of the heap since the beginning: what is there now, and what garbage collections have taken away. */
  #heap(): number {
    for (const { beforeGC, afterGC } of this.#garbage.stop().statistics)
      this.#collected += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize
    this.#garbage.start()
    return this.#collected + getHeapStatistics().used_heap_size
  }
}
