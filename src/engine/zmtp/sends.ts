/** Sends of one socket: those that are taken at once, and those that wait for room, in order. */
import { hex } from '../../bytes.ts'
import { type ClosedError, StateError, UnroutableError } from '../../errors.ts'
import { byteLengthOf, firstPart, type Message, partCountOf } from '../../message.ts'
import type { SocketOptions } from '../../options.ts'
import type { Peer } from '../../peer/peer.ts'
import type { Stamp } from '../../queue/stamp.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { Measure, RoutingStrategy } from '../../routing/routing-strategy.ts'
import { YieldBudget } from '../../yield-budget.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { OperationOptions, Sink } from '../engine.ts'
import { misfit } from '../misfit.ts'
import type { Tracer } from './tracer.ts'

/** What every send that is taken at once answers: no promise is made for it. */
const TAKEN = Promise.resolve()

/** A send that waits. `since`: for tracing, when it began. */
interface Waited<Out> {
  readonly message: Out
  readonly since: number | undefined
}

type Line<Out> = WaitingList<Waited<Out>, void>

type Strategy<Out> = Pick<RoutingStrategy<Out>, 'measure' | 'send'>

export class Sends<Out> implements Sink<Out> {
  readonly clock: (() => number) | undefined
  readonly #strategy: Strategy<Out>
  readonly #options: SocketOptions
  /** Undefined: what is sent is a message as it stands. */
  readonly #measure: Measure<Out> | undefined
  readonly #leastParts: number
  readonly #budget = new YieldBudget(() => this.retry())
  /** Sends that any peer may take. */
  readonly #waiting: Line<Out> = new WaitingList()
  /** Sends that wait for one peer. */
  readonly #waitingFor = new Map<Peer, Line<Out>>()
  /** Lists being retried: a send may make room, and room retries. */
  readonly #retrying = new Set<Line<Out>>()
  readonly #tracer: Tracer | undefined
  #closed: ClosedError | undefined

  constructor(strategy: Strategy<Out>, options: SocketOptions, tracer?: Tracer) {
    this.#tracer = tracer
    this.clock = tracer && (() => performance.now())
    this.#strategy = strategy
    this.#options = options
    this.#measure = strategy.measure
    this.#leastParts = strategy.measure?.leastParts ?? 1
  }

  send(message: Out, options?: OperationOptions, since?: number): Promise<void> {
    const bytes = this.#bytesOf(message)
    const problem = this.#problem(message, bytes) ?? objection(options)
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (this.#waiting.length > 0 || this.#budget.spent)
      return this.#wait(this.#waiting, message, since, options)
    const sent = this.#strategy.send!(message, this.#stamp(since))
    if (sent === 'taken') {
      this.#budget.spend(bytes)
      return TAKEN
    }
    if (sent === 'unroutable' || sent === 'refused') return Promise.reject(this.#unroutable(sent, message))
    return this.#wait(sent === 'full' ? this.#waiting : this.#lineOf(sent), message, since, options)
  }

  trySend(message: Out, since?: number): boolean {
    const bytes = this.#bytesOf(message)
    const problem = this.#problem(message, bytes)
    if (problem !== undefined) throw problem.reason
    if (this.#waiting.length > 0 || (this.#budget.spent && this.#waitingFor.size > 0)) return false
    const sent = this.#strategy.send!(message, this.#stamp(since))
    if (sent === 'unroutable' || sent === 'refused') throw this.#unroutable(sent, message)
    if (sent !== 'taken') return false
    // A spent budget does not stop this caller, who is not waiting; it stops the next send that may.
    this.#budget.spend(bytes)
    return true
  }

  /**
   * There may be room: for the sends that wait for this peer (without one: for any peer), then for those that any peer may
   * take. In this order, for while the budget is spent new sends wait among the latter.
   */
  retry(peer?: Peer): void {
    if (peer !== undefined) this.#retryFor(peer)
    else for (const waitedFor of [...this.#waitingFor.keys()]) this.#retryFor(waitedFor)
    if (this.#waiting.length > 0) this.#retry(this.#waiting)
  }

  close(error: ClosedError): void {
    this.#closed = error
    this.#waiting.cancelAll(error)
    for (const sends of this.#waitingFor.values()) sends.cancelAll(error)
    this.#waitingFor.clear()
  }

  /** What is against the message, or undefined. */
  #problem(message: Out, bytes: number): { readonly reason: unknown } | undefined {
    const { maxMessageSize, maxParts } = this.#options
    const parts = this.#partsOf(message)
    const fits = bytes <= maxMessageSize && parts >= this.#leastParts && parts <= maxParts
    if (fits && this.#closed === undefined && this.#strategy.send !== undefined) return undefined
    if (this.#closed !== undefined) return { reason: this.#closed }
    if (this.#strategy.send === undefined) return { reason: new StateError('this socket type cannot send') }
    return { reason: misfit(bytes, parts, this.#leastParts, this.#options) }
  }

  #bytesOf(out: Out): number {
    return this.#measure === undefined ? byteLengthOf(out as Message) : this.#measure.bytes(out)
  }

  #partsOf(out: Out): number {
    return this.#measure === undefined ? partCountOf(out as Message) : this.#measure.parts(out)
  }

  #wait(
    line: Line<Out>,
    message: Out,
    since: number | undefined,
    options: OperationOptions | undefined,
  ): Promise<void> {
    const begun = this.#tracer === undefined ? undefined : (since ?? performance.now())
    return withDeadline(line.add({ message, since: begun }), options, 'no peer has taken the message')
  }

  #stamp(since: number | undefined): Stamp | undefined {
    return this.#tracer?.stamp(since ?? performance.now())
  }

  #lineOf(peer: Peer): Line<Out> {
    let line = this.#waitingFor.get(peer)
    if (line === undefined) this.#waitingFor.set(peer, (line = new WaitingList()))
    return line
  }

  #retryFor(peer: Peer): void {
    const line = this.#waitingFor.get(peer)
    if (line === undefined) return
    this.#retry(line)
    if (line.length === 0) this.#waitingFor.delete(peer)
  }

  #retry(line: Line<Out>): void {
    if (this.#retrying.has(line)) return
    this.#retrying.add(line)
    for (let first = line.first; first !== undefined && !this.#budget.spent; first = line.first) {
      const { message, since } = first.item
      const sent = this.#strategy.send!(message, this.#stamp(since))
      if (sent === 'taken') {
        this.#budget.spend(this.#bytesOf(message))
        first.resolve()
      } else if (sent === 'unroutable' || sent === 'refused') first.cancel(this.#unroutable(sent, message))
      else if (sent === 'full') break
      else {
        const other = this.#lineOf(sent)
        if (other === line) break
        other.append(first)
      }
    }
    this.#retrying.delete(line)
  }

  #unroutable(sent: 'unroutable' | 'refused', out: Out): UnroutableError {
    const message = this.#measure?.whole(out) ?? (out as Message)
    const name = hex(firstPart(message))
    return sent === 'unroutable'
      ? new UnroutableError(`no peer has the routing id ${name}`, message)
      : new UnroutableError(`the queue of the peer ${name} is full; onFull: 'wait' would wait`, message)
  }
}
