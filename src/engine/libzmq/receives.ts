/** Receives from a zeromq.js socket: any number may wait, and a message whose receiver gave up goes to the next one. */
import { StateError } from '../../errors.ts'
import { byteLengthOf, type Frame } from '../../message.ts'
import { Ring } from '../../queue/ring.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { SocketType } from '../../socket-type.ts'
import { YieldBudget } from '../../yield-budget.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { ReceiveOptions, Source } from '../engine.ts'
import type { Conversion } from './conversions.ts'
import { RECEIVERS } from './libzmq-options.ts'
import { codeOf, costOf, type NativeSocket, RECEIVE_TIMEOUT } from './native.ts'

/** Reading ahead this far makes up for what this class costs over a bare zeromq.js socket; it is the most that lies here beyond libzmq's own mark. */
const BATCH_MESSAGES = 32
const BATCH_BYTES = 256 * 1024

export class Receives<In> implements Source<In> {
  readonly #type: SocketType
  readonly #native: NativeSocket
  readonly #conversion: Conversion<never, In>
  /** Never keep more than this many here. */
  readonly #mark: number
  /** Read although no receive waits: subscriptions have to be counted. */
  readonly #eager: boolean
  readonly #waiting = new WaitingList<ReceiveOptions<In>['arrived'], In>()
  readonly #arrived = new Ring<In>()
  /** The bytes of each. */
  readonly #sizes = new Ring<number>()
  readonly #budget = new YieldBudget(() => this.deliver())
  /** Native receives whose outcome is not known. All but a lone one end in the next microtask. */
  #pending = 0
  /** How many to ask for at once; grows while that many are there. */
  #batch = 1
  #closed: { readonly reason: unknown } | undefined
  received = 0
  receivedBytes = 0

  constructor(type: SocketType, native: NativeSocket, conversion: Conversion<never, In>, mark: number) {
    this.#type = type
    this.#native = native
    this.#conversion = conversion
    this.#mark = mark
    this.#eager = type === 'PUB' || type === 'XPUB'
    if (this.#eager) this.fetch()
  }

  receive(options?: ReceiveOptions<In>): In | Promise<In> {
    const problem = this.#closed ?? objection(options)
    if (problem !== undefined) return Promise.reject(problem.reason)
    if (this.#waiting.length === 0 && !this.#budget.spent) {
      const message = this.#take()
      if (message !== undefined) return message
    }
    const waiting = this.#waiting.add(options?.arrived)
    const promise = withDeadline(waiting, options, 'no message')
    this.deliver()
    return promise
  }

  /** What has been read ahead; libzmq itself gives messages only to receives that wait. */
  tryReceive(): In | undefined {
    if (this.#closed !== undefined) throw this.#closed.reason
    if (!RECEIVERS.includes(this.#type)) throw new StateError('this socket type cannot receive')
    const message = this.#waiting.length === 0 ? this.#take() : undefined
    if (message === undefined) this.fetch()
    return message
  }

  /** Nothing has been read ahead. */
  get empty(): boolean {
    return this.#arrived.length === 0
  }

  /** Reads ahead unless that is under way. Also keeps libzmq's own commands flowing: they are carried out by whoever polls. */
  fetch(): void {
    if (this.#pending > 0 || this.#closed !== undefined || this.#arrived.length >= this.#mark) return
    const native = this.#native
    if (this.#batch > 1) {
      native.setInt32Option(RECEIVE_TIMEOUT, 0)
      while (this.#pending < this.#batch && native.readable) this.#receiveNative()
      native.setInt32Option(RECEIVE_TIMEOUT, -1)
      if (this.#pending < this.#batch) this.#batch = 1
    }
    if (this.#pending === 0) this.#receiveNative()
  }

  /** Something has arrived, or is to be told. */
  deliver(): void {
    for (
      let first = this.#waiting.first;
      first !== undefined && !this.#budget.spent;
      first = this.#waiting.first
    ) {
      const message = this.#take()
      if (message === undefined) break
      first.item?.(message)
      first.resolve(message)
    }
    if ((this.#waiting.length > 0 || this.#eager) && !this.#budget.spent) this.fetch()
  }

  /** Returns how many messages had been read ahead. */
  close(reason: unknown): number {
    this.#closed = { reason }
    this.#waiting.cancelAll(reason)
    return this.#arrived.drain().length
  }

  #receiveNative(): void {
    this.#pending++
    this.#native.receive().then(this.#onArrived, this.#onFailed)
  }

  readonly #onArrived = (parts: Frame[]): void => {
    this.#pending--
    if (this.#closed !== undefined) return
    const received = this.#conversion.incoming(parts)
    if (received !== undefined) {
      const bytes = byteLengthOf(parts)
      this.#arrived.push(received)
      this.#sizes.push(bytes)
      this.#grow(bytes)
    }
    this.deliver()
  }

  /** EAGAIN: the socket is being closed, or another question has emptied it. */
  readonly #onFailed = (error: unknown): void => {
    this.#pending--
    if (this.#closed !== undefined) return
    if (codeOf(error) === 'EAGAIN') this.deliver()
    else this.close(error)
  }

  #take(): In | undefined {
    const loss = this.#conversion.takeLoss?.()
    if (loss !== undefined) return loss
    const message = this.#arrived.shift()
    if (message === undefined) return undefined
    const bytes = this.#sizes.shift()!
    this.#budget.spend(costOf(bytes))
    this.received++
    this.receivedBytes += bytes
    if (this.#eager) this.fetch()
    return message
  }

  #grow(bytes: number): void {
    const room = Math.floor(BATCH_BYTES / (bytes + 1))
    this.#batch = Math.max(1, Math.min(this.#batch * 2, BATCH_MESSAGES, room, this.#mark))
  }
}
