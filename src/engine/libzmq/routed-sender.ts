/** Sends through a ROUTER: each message goes to the peer its first part names, and is refused when that peer cannot take it. */
import { UnroutableError } from '../../errors.ts'
import { byteLengthOf, keyOf, type Message, partsOf } from '../../message.ts'
import { Turn } from '../../queue/turn.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { DropCause } from '../../routing/routing-strategy.ts'
import { type OperationOptions, withDeadline } from './deadline.ts'
import { codeOf, type NativeSocket, SEND_TIMEOUT } from './native.ts'
import type { SentCounter } from './sender.ts'

/** libzmq does not tell when one peer of a ROUTER has room again: who waits looks again after this many milliseconds. */
const RETRY_INTERVAL = 1

export interface RoutedRules extends SentCounter {
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
      const waiting = this.#nextTurn.add(message)
      return withDeadline(this.#nextTurn, waiting, options, 'the message could not be sent').then(() =>
        this.send(message, options),
      )
    }
    const list = this.#waiting.size === 0 ? undefined : this.#waiting.get(nameIn(message))
    if (list !== undefined) return this.#wait(list, message, options)
    this.#turn.spend(byteLengthOf(message))
    return this.#native.send(message).then(
      () => this.#rules.sent(1, byteLengthOf(message)),
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
    return withDeadline(list, list.add(message), options, 'the peer did not take the message')
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
        this.#rules.sent(1, byteLengthOf(first.item))
        if (list.first === first) list.resolveFirst()
        this.#sendFirst(list)
      },
      error => {
        if (codeOf(error) !== 'EAGAIN') list.cancel(first, unroutable(first.item, false, error))
      },
    )
  }

  #resume(): void {
    while (this.#nextTurn.length > 0) this.#nextTurn.resolveFirst()
  }
}

function nameIn(message: Message): string {
  return keyOf(partsOf(message)[0]!)
}

function unroutable(message: Message, full: boolean, cause: unknown): UnroutableError {
  const name = Buffer.from(partsOf(message)[0]!).toString('hex')
  const why = full ? 'is at its high-water mark' : 'is not connected'
  return new UnroutableError(`the peer with routing id 0x${name} ${why}`, message, { cause })
}
