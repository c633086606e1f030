/** Receives of one socket: those that find a message, and those that wait for one, in order. */
import { type ClosedError, StateError } from '../../errors.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { ReceiveOptions, Source } from '../engine.ts'

export class Receives<In> implements Source<In> {
  readonly #strategy: Pick<RoutingStrategy<unknown, In>, 'receive'>
  readonly #waiting = new WaitingList<ReceiveOptions<In>['arrived'], In>()
  #delivering = false
  #closed: ClosedError | undefined

  constructor(strategy: Pick<RoutingStrategy<unknown, In>, 'receive'>) {
    this.#strategy = strategy
  }

  receive(options?: ReceiveOptions<In>): In | Promise<In> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    const problem = objection(options)
    if (problem !== undefined) return Promise.reject(problem.reason)
    return this.tryReceive() ?? withDeadline(this.#waiting.add(options?.arrived), options, 'no message')
  }

  /** Those who wait come first. */
  tryReceive(): In | undefined {
    if (this.#closed !== undefined) throw this.#closed
    if (this.#strategy.receive === undefined) throw new StateError('this socket type cannot receive')
    return this.#waiting.length === 0 ? this.#strategy.receive() : undefined
  }

  /**
   * Something has arrived. Taking a message makes room, and room can bring the next one at once: that call must leave it to
   * the loop under way, which has not given away its own message yet.
   */
  deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    this.#giveToWaiting()
    this.#delivering = false
  }

  close(error: ClosedError): void {
    this.#closed = error
    this.#waiting.cancelAll(error)
  }

  #giveToWaiting(): void {
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      const message = this.#strategy.receive!()
      if (message === undefined) return
      first.item?.(message)
      first.resolve(message)
    }
  }
}
