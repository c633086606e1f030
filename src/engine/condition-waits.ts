/** Calls that wait until a condition of their socket holds: enough peers, enough subscribers. */
import { WaitingList } from '../queue/waiting-list.ts'
import { objection, withDeadline } from './deadline.ts'
import type { OperationOptions } from './engine.ts'

export class ConditionWaits {
  readonly #waiting = new WaitingList<() => boolean, void>()
  #closed: Error | undefined
  #due = false

  /** Resolves once `condition` holds. */
  until(condition: () => boolean, options: OperationOptions | undefined, waitedFor: string): Promise<void> {
    const problem = this.#closed === undefined ? objection(options) : { reason: this.#closed }
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (condition()) return Promise.resolve()
    return withDeadline(this.#waiting.add(condition), options, waitedFor)
  }

  /**
   * A condition may hold now. All are tested once a turn of the event loop, however often this is called in it: a peer with
   * thousands of subscriptions must not cost the product of these and the waits.
   */
  changed(): void {
    if (this.#due || this.#waiting.length === 0) return
    this.#due = true
    setImmediate(() => {
      this.#due = false
      this.#check()
    })
  }

  close(error: Error): void {
    this.#closed = error
    this.#waiting.cancelAll(error)
  }

  #check(): void {
    let waiting = this.#waiting.first
    while (waiting !== undefined) {
      const { next } = waiting
      if (waiting.item()) waiting.resolve()
      waiting = next
    }
  }
}
