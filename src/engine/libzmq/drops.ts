/** Counts messages that went nowhere, and tells of them at most once a second for each cause. */
import type { DropCause } from '../../routing/routing-strategy.ts'
import type { SocketEvents } from '../events.ts'

const EVENT_INTERVAL = 1000

export class Drops {
  readonly #events: SocketEvents
  readonly #byCause: Partial<Record<DropCause, number>> = {}
  readonly #told = new Map<DropCause, { at: number; count: number }>()
  #total = 0

  constructor(events: SocketEvents) {
    this.#events = events
  }

  get total(): number {
    return this.#total
  }

  get byCause(): Readonly<Partial<Record<DropCause, number>>> {
    return { ...this.#byCause }
  }

  add(cause: DropCause, count = 1): void {
    if (count === 0) return
    this.#total += count
    const sum = (this.#byCause[cause] ?? 0) + count
    this.#byCause[cause] = sum
    const told = this.#told.get(cause)
    const now = performance.now()
    if (told !== undefined && now - told.at < EVENT_INTERVAL) return
    this.#told.set(cause, { at: now, count: sum })
    this.#events.emit('message:dropped', { cause, count: sum - (told?.count ?? 0), peer: undefined })
  }
}
