/** Calls that wait until something about the socket holds: so many peers, so many subscriptions. */
import { WaitingList } from '../../queue/waiting-list.ts'
import { type OperationOptions, withDeadline } from './deadline.ts'

export class Conditions {
  /** Each call has a list of its own, so that one that holds need not wait for those before it. */
  readonly #pending = new Set<WaitingList<() => boolean, void>>()

  /** `what` says in the time-out's message what did not happen. */
  wait(holds: () => boolean, options: OperationOptions | undefined, what: string): Promise<void> {
    const list = new WaitingList<() => boolean, void>()
    const waiting = list.add(holds)
    const promise = withDeadline(list, waiting, options, what)
    if (list.length > 0 && holds()) list.resolveFirst()
    if (list.length > 0) this.#pending.add(list)
    return promise
  }

  /** To be called after every change. */
  check(): void {
    for (const list of this.#pending) {
      if (list.first?.item() === true) list.resolveFirst()
      if (list.length === 0) this.#pending.delete(list)
    }
  }

  close(reason: unknown): void {
    for (const list of this.#pending) list.cancelAll(reason)
    this.#pending.clear()
  }
}
