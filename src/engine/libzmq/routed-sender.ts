/** Sends through a ROUTER: each message goes to the peer its first part names, and is refused when that peer cannot take it. */
import { UnroutableError } from '../../errors.ts'
import { byteLengthOf, keyOf, type Message, partsOf } from '../../message.ts'
import { Turn } from '../../queue/turn.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { DropCause } from '../../routing/routing-strategy.ts'
import { withDeadline } from '../deadline.ts'
import type { OperationOptions } from '../engine.ts'
import { codeOf, type NativeSocket, SEND_TIMEOUT } from './native.ts'

/** libzmq does not tell when one peer of a ROUTER has room again: who waits looks again after this many milliseconds. */
const RETRY_INTERVAL = 1

/** What a time-out says. */
const NOT_TAKEN = 'no peer has taken the message'

export interface RoutedRules {
  /** Told of the bytes of each message that libzmq has taken. */
  sent(bytes: number): void
  /** What becomes of a message for an unknown name. */
  readonly unknown: 'reject' | 'drop'
  /** What becomes of a message for a peer at its mark. */
  readonly full: 'reject' | 'drop' | 'wait'
  dropped(cause: DropCause): void
}

export class RoutedSender {
  readonly #native: NativeSocket
  readonly #rules: RoutedRules
  /** Those who wait for one peer, by its name. */
  readonly #waiting = new Map<string, WaitingList<Message, void>>()
  /** Sends of a turn that was over. */
  readonly #nextTurn = new WaitingList<Message, void>()
  readonly #turn = new Turn(() => this.#resume())
  #timer: NodeJS.Timeout | undefined

  constructor(native: NativeSocket, rules: RoutedRules) {
    this.#native = native
    this.#rules = rules
    native.setInt32Option(SEND_TIMEOUT, 0)
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    if (this.#turn.over) {
      return withDeadline(this.#nextTurn.add(message), options, NOT_TAKEN).then(() =>
        this.send(message, options),
      )
    }
    const list = this.#waiting.size === 0 ? undefined : this.#waiting.get(nameIn(message))
    if (list !== undefined) return this.#wait(list, message, options)
    this.#turn.spend(byteLengthOf(message))
    return this.#native.send(message).then(
      () => this.#rules.sent(byteLengthOf(message)),
      error => this.#refused(message, error, options),
    )
  }

  /** Always true: what cannot go is told a moment too late, and is dropped and counted. */
  trySend(message: Message): boolean {
    this.send(message).catch(error => {
      if (error instanceof UnroutableError) this.#rules.dropped('no-peer')
    })
    return true
  }

  revoke(): boolean {
    return false
  }

  /** As in Sender. */
  kick(): void {
    void this.#native.send([])
  }

  close(reason: unknown): number {
    clearTimeout(this.#timer)
    this.#nextTurn.cancelAll(reason)
    for (const list of this.#waiting.values()) list.cancelAll(reason)
    this.#waiting.clear()
    return 0
  }

  #refused(message: Message, error: unknown, options: OperationOptions | undefined): Promise<void> | void {
    const code = codeOf(error)
    if (code !== 'EAGAIN' && code !== 'EHOSTUNREACH') throw error
    const full = code === 'EAGAIN'
    const rule = full ? this.#rules.full : this.#rules.unknown
    if (rule === 'wait') {
      const name = nameIn(message)
      const list = this.#waiting.get(name) ?? new WaitingList<Message, void>()
      this.#waiting.set(name, list)
      return this.#wait(list, message, options)
    }
    if (rule === 'reject') throw unroutable(message, full, error)
    this.#rules.dropped(full ? 'high-water-mark' : 'no-peer')
  }

  #wait(
    list: WaitingList<Message, void>,
    message: Message,
    options: OperationOptions | undefined,
  ): Promise<void> {
    this.#timer ??= setTimeout(this.#retry, RETRY_INTERVAL)
    return withDeadline(list.add(message), options, NOT_TAKEN)
  }

  readonly #retry = (): void => {
    this.#timer = undefined
    for (const [name, list] of this.#waiting) {
      if (list.length === 0) this.#waiting.delete(name)
      else this.#sendFirst(list)
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(this.#retry, RETRY_INTERVAL)
  }

  #sendFirst(list: WaitingList<Message, void>): void {
    const first = list.first
    if (first === undefined) return
    this.#native.send(first.item).then(
      () => {
        this.#rules.sent(byteLengthOf(first.item))
        first.resolve()
        this.#sendFirst(list)
      },
      error => {
        if (codeOf(error) !== 'EAGAIN') first.cancel(unroutable(first.item, false, error))
      },
    )
  }

  #resume(): void {
    while (this.#nextTurn.first !== undefined) this.#nextTurn.first.resolve()
  }
}

function nameIn(message: Message): string {
  return keyOf(partsOf(message)[0]!)
}

function unroutable(message: Message, full: boolean, cause: unknown): UnroutableError {
  const name = `0x${Buffer.from(partsOf(message)[0]!.subarray(0, 32)).toString('hex')}`
  return full
    ? new UnroutableError(`the queue of the peer ${name} is full; onFull: 'wait' would wait`, message, {
        cause,
      })
    : new UnroutableError(`no peer has the routing id ${name}`, message, { cause })
}
