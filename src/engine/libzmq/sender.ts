/** Sends through a zeromq.js socket that deals messages out: any number may wait, and each can be taken back until libzmq has it. */
import { byteLengthOf, type Message } from '../../message.ts'
import { Turn } from '../../queue/turn.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import { withDeadline } from '../deadline.ts'
import type { OperationOptions } from '../engine.ts'
import { codeOf, type NativeSocket, SEND_TIMEOUT } from './native.ts'

/**
 * Longest wait for news of room, in milliseconds. The news normally comes at once; but whatever asks a libzmq socket for
 * its state uses up the wake-up that another waiter polls for, so nobody waits without a limit.
 */
const PROBE_TIMEOUT = 20
/** XPUB with ZMQ_XPUB_NODROP refuses a message and yet says there is room: looking again is all that can be done. */
const RETRY_INTERVAL = 1

/** What a time-out says. */
const NOT_TAKEN = 'no peer has taken the message'

/**
 * A message given to zeromq.js cannot be taken back, so none is given before libzmq has room: the native send time-out is 0.
 * While there is none, an empty list of parts is sent instead: it waits like a message and leaves nothing behind.
 */
export class Sender {
  readonly #native: NativeSocket
  /** Told of the bytes of each message that libzmq has taken. */
  readonly #sent: (bytes: number) => void
  readonly #waiting = new WaitingList<Message, void>()
  /** The send that found no room before others began to wait: the first in line. */
  readonly #refused = new WaitingList<Message, void>()
  /** Taken here, and not by libzmq yet: ahead of those that wait. */
  readonly #taken: Message[] = []
  readonly #turn = new Turn(() => this.#pump())
  /** The message of a `send` whose outcome a microtask will tell, and what its caller asked for. */
  #unsure: Message | undefined
  #unsureOptions: OperationOptions | undefined
  /** Somebody was refused although libzmq says there is room. */
  #lied = false
  #probing = false
  #closed = false

  constructor(native: NativeSocket, sent: (bytes: number) => void) {
    this.#native = native
    this.#sent = sent
    native.setInt32Option(SEND_TIMEOUT, 0)
  }

  /** The first of a turn is given to libzmq unasked, which is the fast path; those behind it wait for its outcome. */
  send(message: Message, options?: OperationOptions): Promise<void> {
    if (this.#unsure === undefined && !this.#turn.over && this.#idle) {
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
    if (!writable) this.kick()
    else if (this.#unsure === undefined) this.#hand(message)
    else this.#taken.push(message)
    return writable
  }

  /** Takes back what libzmq does not have yet. */
  revoke(message: Message): boolean {
    const index = this.#taken.indexOf(message)
    if (index < 0) return false
    this.#taken.splice(index, 1)
    return true
  }

  /** To be called after anything that asked the socket for its state: wakes a receive that is polling for the same wake-up. */
  kick(): void {
    if (!this.#probing && !this.#closed) void this.#native.send([])
  }

  /** Answers how many messages were taken and are lost now. */
  close(reason: unknown): number {
    this.#closed = true
    this.#refused.cancelAll(reason)
    this.#waiting.cancelAll(reason)
    return this.#taken.splice(0).length
  }

  get #idle(): boolean {
    return (
      !this.#probing && this.#waiting.length === 0 && this.#refused.length === 0 && this.#taken.length === 0
    )
  }

  readonly #onTaken = (): void => {
    this.#count(this.#unsure!)
    this.#unsure = undefined
    if (this.#waiting.length > 0 || this.#taken.length > 0) this.#pump()
  }

  readonly #onRefused = (error: unknown): Promise<void> => {
    const options = this.#unsureOptions
    const waiting = this.#refused.add(this.#unsure!)
    this.#unsure = undefined
    if (codeOf(error) !== 'EAGAIN') waiting.cancel(error)
    else this.#lied = true
    this.#pump()
    return withDeadline(waiting, options, NOT_TAKEN)
  }

  #pump(): void {
    while (this.#unsure === undefined && !this.#probing && !this.#turn.over && !this.#closed) {
      if (this.#refused.length + this.#taken.length + this.#waiting.length === 0) return
      if (!this.#lied && this.#native.writable) this.#hand(this.#takeNext())
      else this.#probe()
    }
  }

  #takeNext(): Message {
    const list = this.#refused.length > 0 ? this.#refused : this.#waiting
    if (list === this.#waiting && this.#taken.length > 0) return this.#taken.shift()!
    const first = list.first!
    first.resolve()
    return first.item
  }

  /** For a message that libzmq has said it has room for. */
  #hand(message: Message): void {
    this.#count(message)
    this.#native.send(message).catch(error => {
      if (this.#closed || codeOf(error) !== 'EAGAIN') return
      this.#taken.unshift(message)
      this.#lied = true
      this.#pump()
    })
  }

  #probe(): void {
    const full = !this.#native.writable
    this.kick()
    this.#lied = false
    this.#probing = true
    if (!full) {
      setTimeout(this.#onProbed, RETRY_INTERVAL)
      return
    }
    this.#native.setInt32Option(SEND_TIMEOUT, PROBE_TIMEOUT)
    this.#native.send([]).then(this.#onProbed, this.#onProbed)
    this.#native.setInt32Option(SEND_TIMEOUT, 0)
  }

  readonly #onProbed = (): void => {
    this.#probing = false
    if (this.#closed) return
    this.kick()
    this.#pump()
  }

  #count(message: Message): void {
    const bytes = byteLengthOf(message)
    this.#sent(bytes)
    this.#turn.spend(bytes)
  }
}
