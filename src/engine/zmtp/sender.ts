/** Sends of one socket: those that are taken at once, and those that wait for room, in order. */
import {
  type ClosedError,
  InvalidMessageError,
  MessageSizeError,
  StateError,
  UnroutableError,
} from '../../errors.ts'
import { byteLengthOf, firstPart, isSingle, type Message, partsOf } from '../../message.ts'
import type { SocketOptions } from '../../options.ts'
import type { Pipe } from '../../queue/pipe.ts'
import { Turn } from '../../queue/turn.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { OperationOptions } from '../engine.ts'

/** What every send that is taken at once answers: no promise is made for it. */
const TAKEN = Promise.resolve()

type Sends = WaitingList<Message, void>

export class Sender {
  readonly #strategy: Pick<RoutingStrategy, 'leastParts' | 'send'>
  readonly #options: SocketOptions
  readonly #leastParts: number
  readonly #turn = new Turn(() => this.retry())
  /** Sends that any peer may take. */
  readonly #waiting: Sends = new WaitingList()
  /** Sends that wait for one peer. */
  readonly #waitingFor = new Map<Pipe, Sends>()
  /** Lists being retried: a send may make room, and room retries. */
  readonly #retrying = new Set<Sends>()
  #closed: ClosedError | undefined

  constructor(strategy: Pick<RoutingStrategy, 'leastParts' | 'send'>, options: SocketOptions) {
    this.#strategy = strategy
    this.#options = options
    this.#leastParts = strategy.leastParts ?? 1
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    const bytes = byteLengthOf(message)
    if (options === undefined && this.#mayTry(message, bytes)) {
      const sent = this.#strategy.send!(message)
      if (sent === 'taken') {
        this.#turn.spend(bytes)
        return TAKEN
      }
      return this.#settle(sent, message, undefined)
    }
    const problem = this.#problem(message, bytes) ?? objection(options)
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (!this.#mayTry(message, bytes)) return this.#wait(this.#waiting, message, options)
    const sent = this.#strategy.send!(message)
    this.#turn.spend(bytes)
    return this.#settle(sent, message, options)
  }

  trySend(message: Message): boolean {
    const bytes = byteLengthOf(message)
    const problem = this.#problem(message, bytes)
    if (problem !== undefined) throw problem.reason
    if (this.#waiting.length > 0 || (this.#turn.over && this.#waitingFor.size > 0)) return false
    const sent = this.#strategy.send!(message)
    if (sent === 'unroutable' || sent === 'refused') throw unroutable(sent, message)
    if (sent !== 'taken') return false
    // A turn that is over does not stop this caller, who is not waiting; it stops the next send that may.
    this.#turn.spend(bytes)
    return true
  }

  /**
   * There may be room: for the sends that wait for this pipe (without one: for any pipe), then for those that any peer may
   * take. In this order, for while a turn is over new sends wait among the latter.
   */
  retry(pipe?: Pipe): void {
    if (pipe !== undefined) this.#retryFor(pipe)
    else for (const waitedFor of [...this.#waitingFor.keys()]) this.#retryFor(waitedFor)
    if (this.#waiting.length > 0) this.#retry(this.#waiting)
  }

  close(error: ClosedError): void {
    this.#closed = error
    this.#waiting.cancelAll(error)
    for (const sends of this.#waitingFor.values()) sends.cancelAll(error)
    this.#waitingFor.clear()
  }

  #mayTry(message: Message, bytes: number): boolean {
    return (
      this.#waiting.length === 0 &&
      !this.#turn.over &&
      this.#closed === undefined &&
      bytes <= this.#options.maxMessageSize &&
      this.#strategy.send !== undefined &&
      this.#hasRightParts(message)
    )
  }

  #hasRightParts(message: Message): boolean {
    const parts = isSingle(message) ? 1 : message.length
    return parts >= this.#leastParts && parts <= this.#options.maxParts
  }

  #problem(message: Message, bytes: number): { readonly reason: unknown } | undefined {
    const { maxMessageSize, maxParts } = this.#options
    if (this.#closed !== undefined) return { reason: this.#closed }
    if (this.#strategy.send === undefined) return { reason: new StateError('this socket type cannot send') }
    if (bytes > maxMessageSize) {
      return {
        reason: new MessageSizeError(`a message of ${bytes} bytes; maxMessageSize is ${maxMessageSize}`),
      }
    }
    if (this.#hasRightParts(message)) return undefined
    const parts = partsOf(message).length
    const reason =
      parts > maxParts
        ? new MessageSizeError(`a message of ${parts} parts; maxParts is ${maxParts}`)
        : new InvalidMessageError(`a message of ${parts} parts; at least ${this.#leastParts} are needed`)
    return { reason }
  }

  #settle(
    sent: ReturnType<NonNullable<RoutingStrategy['send']>>,
    message: Message,
    options: OperationOptions | undefined,
  ) {
    if (sent === 'taken') return TAKEN
    if (sent === 'unroutable' || sent === 'refused') return Promise.reject(unroutable(sent, message))
    return this.#wait(sent === 'full' ? this.#waiting : this.#listOf(sent), message, options)
  }

  #wait(sends: Sends, message: Message, options: OperationOptions | undefined): Promise<void> {
    return withDeadline(sends.add(message), options, 'no peer has taken the message')
  }

  #listOf(pipe: Pipe): Sends {
    let sends = this.#waitingFor.get(pipe)
    if (sends === undefined) this.#waitingFor.set(pipe, (sends = new WaitingList()))
    return sends
  }

  #retryFor(pipe: Pipe): void {
    const sends = this.#waitingFor.get(pipe)
    if (sends === undefined) return
    this.#retry(sends)
    if (sends.length === 0) this.#waitingFor.delete(pipe)
  }

  #retry(sends: Sends): void {
    if (this.#retrying.has(sends)) return
    this.#retrying.add(sends)
    for (let first = sends.first; first !== undefined && !this.#turn.over; first = sends.first) {
      const sent = this.#strategy.send!(first.item)
      if (sent === 'taken') {
        this.#turn.spend(byteLengthOf(first.item))
        first.resolve()
      } else if (sent === 'unroutable' || sent === 'refused') first.cancel(unroutable(sent, first.item))
      else if (sent === 'full') break
      else {
        const list = this.#listOf(sent)
        if (list === sends) break
        list.append(first)
      }
    }
    this.#retrying.delete(sends)
  }
}

function unroutable(sent: 'unroutable' | 'refused', message: Message): UnroutableError {
  const name = firstPart(message)
  const shown = `0x${Buffer.from(name.subarray(0, 32)).toString('hex')}`
  return sent === 'unroutable'
    ? new UnroutableError(`no peer has the routing id ${shown}`, message)
    : new UnroutableError(`the queue of the peer ${shown} is full; onFull: 'wait' would wait`, message)
}
