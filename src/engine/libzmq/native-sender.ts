/** Sends through a zeromq.js socket that deals messages out: any number may wait, and each can be given up until libzmq has it. */
import { byteLengthOf, type Message } from '../../message.ts'
import { Waiting, WaitingList } from '../../queue/waiting-list.ts'
import { YieldBudget } from '../../yield-budget.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { OperationOptions } from '../engine.ts'
import { codeOf, costOf, type NativeSocket, SEND_TIMEOUT } from './native.ts'

/**
 * Longest wait for news of room, in milliseconds. The news normally comes at once; but whatever asks a libzmq socket for
 * its state uses up the wake-up that another waiter polls for, so nobody waits without a limit.
 */
const PROBE_TIMEOUT = 20
/** What a time-out says. */
const NOT_TAKEN = 'no peer has taken the message'

/**
 * A message given to zeromq.js cannot be taken back, so none is given before libzmq has room: the native send time-out is 0.
 * While there is none, an empty list of parts is sent instead: it waits like a message and leaves nothing behind.
 */
export class NativeSender {
  readonly #native: NativeSocket
  readonly #waiting = new WaitingList<Message, void>()
  /** Of those that wait, the ones whose sender was told that they are taken. */
  readonly #promised = new Set<Waiting<Message, void>>()
  readonly #budget = new YieldBudget(() => this.#pump())
  /** The message of a `send` whose outcome a microtask will tell, and what its caller asked for. */
  #unsure: Message | undefined
  #unsureOptions: OperationOptions | undefined
  #probing = false
  #closed: { readonly reason: unknown } | undefined
  /** Messages that libzmq has taken. */
  sent = 0
  sentBytes = 0

  constructor(native: NativeSocket) {
    this.#native = native
    native.setInt32Option(SEND_TIMEOUT, 0)
  }

  /** The first of a turn is given to libzmq unasked, which is the fast path; those behind it wait for its outcome. */
  send(message: Message, options?: OperationOptions): Promise<void> {
    if (this.#idle && this.#unsure === undefined && !this.#budget.spent) {
      this.#unsure = message
      this.#unsureOptions = options
      return this.#native.send(message).then(this.#onTaken, this.#onRefused)
    }
    const waiting = this.#waiting.add(message)
    this.#pump()
    return withDeadline(waiting, options, NOT_TAKEN)
  }

  trySend(message: Message): boolean {
    if (!this.#idle) return false
    const writable = this.#native.writable
    if (!writable) this.wakeReceive()
    else if (this.#unsure === undefined) this.#hand(message)
    else this.#waiting.append(this.#promise(message))
    return writable
  }

  /** Takes back what libzmq does not have yet. */
  revoke(message: Message): boolean {
    for (const waiting of this.#promised) {
      if (waiting.item === message) return waiting.cancel(undefined)
    }
    const { first } = this.#waiting
    return first?.item === message && first.cancel(undefined)
  }

  /** To be called after anything that asked the socket for its state: wakes a receive that is polling for the same wake-up. */
  wakeReceive(): void {
    if (!this.#probing && this.#closed === undefined) void this.#native.send([])
  }

  /** Returns how many messages were promised to go and will not. */
  close(reason: unknown): number {
    this.#closed = { reason }
    const broken = this.#promised.size
    this.#waiting.cancelAll(reason)
    return broken
  }

  get #idle(): boolean {
    return this.#waiting.length === 0 && !this.#probing
  }

  readonly #onTaken = (): void => {
    this.#count(this.#unsure!)
    this.#unsure = undefined
    if (this.#waiting.length > 0) this.#pump()
  }

  readonly #onRefused = (error: unknown): Promise<void> => {
    const waiting = new Waiting<Message, void>(this.#unsure!)
    const options = this.#unsureOptions
    this.#unsure = undefined
    const problem = this.#closed ?? objection(options)
    if (problem !== undefined) throw problem.reason
    if (codeOf(error) !== 'EAGAIN') throw error
    this.#waiting.prepend(waiting)
    this.#pump()
    return withDeadline(waiting, options, NOT_TAKEN)
  }

  #pump(): void {
    while (this.#unsure === undefined && !this.#probing && !this.#budget.spent) {
      const { first } = this.#waiting
      if (first === undefined) return
      if (!this.#native.writable) return void this.#probe()
      first.resolve()
      this.#hand(first.item)
    }
  }

  /** For a message that libzmq has just said it has room for; rarely the peer has gone since. */
  #hand(message: Message): void {
    this.#count(message)
    this.#native.send(message).catch(error => {
      if (this.#closed !== undefined || codeOf(error) !== 'EAGAIN') return
      this.#waiting.prepend(this.#promise(message))
      this.#pump()
    })
  }

  #promise(message: Message): Waiting<Message, void> {
    const waiting = new Waiting<Message, void>(message)
    this.#promised.add(waiting)
    const over = () => this.#promised.delete(waiting)
    waiting.promise.then(over, over)
    return waiting
  }

  #probe(): void {
    this.wakeReceive()
    this.#probing = true
    this.#native.setInt32Option(SEND_TIMEOUT, PROBE_TIMEOUT)
    this.#native.send([]).then(this.#onProbed, this.#onProbed)
    this.#native.setInt32Option(SEND_TIMEOUT, 0)
  }

  readonly #onProbed = (): void => {
    this.#probing = false
    this.wakeReceive()
    this.#pump()
  }

  #count(message: Message): void {
    const bytes = byteLengthOf(message)
    this.sent++
    this.sentBytes += bytes
    this.#budget.spend(costOf(bytes))
  }
}
