/** Waits until something about a socket is true: enough peers, enough subscribers. */
import { WaitingList } from '../queue/waiting-list.ts'
import { objection, withDeadline } from './deadline.ts'
import type { OperationOptions } from './engine.ts'

export class Conditions {
  readonly #waiting = new WaitingList<() => boolean, void>()
  #closed: Error | undefined
  #due = false

  until(test: () => boolean, options: OperationOptions | undefined, waitedFor: string): Promise<void> {
    const problem = this.#closed === undefined ? objection(options) : { reason: this.#closed }
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (test()) return Promise.resolve()
    return withDeadline(this.#waiting.add(test), options, waitedFor)
  }

  /**
   * Something has changed. All waits are looked at once a turn of the event loop, however much changes in it: a peer with
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
