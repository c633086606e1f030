/** Waits until something about a socket is true: enough peers, enough subscribers. */
import { WaitingList } from '../queue/waiting-list.ts'
import { objection, withDeadline } from './deadline.ts'
import type { OperationOptions } from './engine.ts'

export class Conditions {
  readonly #waiting = new WaitingList<() => boolean, void>()
  #closed: Error | undefined

  until(test: () => boolean, options: OperationOptions | undefined, waitedFor: string): Promise<void> {
    const problem = this.#closed === undefined ? objection(options) : { reason: this.#closed }
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (test()) return Promise.resolve()
    return withDeadline(this.#waiting.add(test), options, waitedFor)
  }

  /** Something has changed. */
  check(): void {
    let waiting = this.#waiting.first
    while (waiting !== undefined) {
      const { next } = waiting
      if (waiting.item()) waiting.resolve()
      waiting = next
    }
  }

  close(error: Error): void {
    this.#closed = error
    this.#waiting.cancelAll(error)
  }
}
