/** Sends through a socket that says only afterwards that it did not take the message: ROUTER, and XPUB that must not drop. */
import { hex, keyOf } from '../../bytes.ts'
import { UnroutableError } from '../../errors.ts'
import { byteLengthOf, firstPart, type Message } from '../../message.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import { YieldBudget } from '../../yield-budget.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { Drops } from '../drops.ts'
import type { OperationOptions } from '../engine.ts'
import { codeOf, costOf, type NativeSocket, SEND_TIMEOUT } from './native.ts'

/** libzmq does not tell when such a socket has room again: who waits looks again after this many milliseconds. */
const RETRY_INTERVAL = 1
/** What a time-out says. */
const NOT_TAKEN = 'no peer has taken the message'

export interface RoutedRules {
  /** All sends wait in one line. Otherwise each routing id has a line of its own, and none holds up another. */
  readonly oneLine: boolean
  /** What becomes of a message for an unknown peer. */
  readonly unknown: 'reject' | 'drop'
  /** What becomes of a message for a peer at its mark. */
  readonly full: 'reject' | 'drop' | 'wait'
}

/** A message, and the signal that a moment of uncertainty must not make deaf. */
interface Item {
  readonly message: Message
  readonly options: OperationOptions | undefined
}

/** Sends that keep their order. */
class Line extends WaitingList<Item, void> {
  /** libzmq has the first one's message, and its answer comes in a microtask. */
  asking = false
}

export class RoutedSender {
  readonly #native: NativeSocket
  readonly #rules: RoutedRules
  readonly #drops: Drops
  readonly #lines = new Map<string, Line>()
  /** Sends that wait for the next turn of the event loop. */
  readonly #nextTurn = new WaitingList<Message, void>()
  readonly #budget = new YieldBudget(() => this.#resume())
  #timer: NodeJS.Timeout | undefined
  #closed: { readonly reason: unknown } | undefined
  /** Messages that libzmq has taken. */
  sent = 0
  sentBytes = 0

  constructor(native: NativeSocket, rules: RoutedRules, drops: Drops) {
    this.#native = native
    this.#rules = rules
    this.#drops = drops
    native.setInt32Option(SEND_TIMEOUT, 0)
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    if (this.#budget.spent) {
      const next = withDeadline(this.#nextTurn.add(message), options, NOT_TAKEN)
      return next.then(() => this.send(message, options))
    }
    this.#budget.spend(costOf(byteLengthOf(message)))
    if (this.#rules.full === 'wait') return this.#queue(message, options)
    return this.#native.send(message).then(
      () => this.#taken(message),
      error => {
        const refusal = this.#refusal(message, error)
        if (refusal !== undefined) throw refusal
      },
    )
  }

  /** True unless others wait before it; what then cannot go is told a moment too late, and is dropped and counted. */
  trySend(message: Message): boolean {
    if (this.#rules.full === 'wait' && this.#lines.has(this.#lineOf(message))) return false
    this.send(message).catch(error => {
      if (error instanceof UnroutableError) this.#drops.add('no-peer', 1, undefined)
    })
    return true
  }

  revoke(): boolean {
    return false
  }

  /** As in NativeSender. */
  wakeReceive(): void {
    void this.#native.send([])
  }

  close(reason: unknown): number {
    this.#closed = { reason }
    clearTimeout(this.#timer)
    this.#nextTurn.cancelAll(reason)
    for (const line of this.#lines.values()) line.cancelAll(reason)
    this.#lines.clear()
    return 0
  }

  #queue(message: Message, options: OperationOptions | undefined): Promise<void> {
    const name = this.#lineOf(message)
    let line = this.#lines.get(name)
    if (line === undefined) this.#lines.set(name, (line = new Line()))
    const waiting = line.add({ message, options })
    if (line.length === 1) this.#ask(name, line)
    return withDeadline(waiting, options, NOT_TAKEN)
  }

  /** Gives libzmq the first message of a line. While its answer is out it cannot be given up, for it may have gone. */
  #ask(name: string, line: Line): void {
    const { first } = line
    if (line.asking) return
    if (first === undefined) {
      this.#lines.delete(name)
      return
    }
    line.remove(first)
    line.asking = true
    const { message, options } = first.item
    this.#native.send(message).then(
      () => {
        line.asking = false
        this.#taken(message)
        first.resolve()
        this.#ask(name, line)
      },
      error => {
        line.asking = false
        line.prepend(first)
        const problem = this.#closed ?? objection(options)
        if (codeOf(error) === 'EAGAIN' && problem === undefined) {
          this.#timer ??= setTimeout(this.#retry, RETRY_INTERVAL)
          return
        }
        const reason = problem?.reason ?? this.#refusal(message, error)
        if (reason === undefined) first.resolve()
        else first.cancel(reason)
        this.#ask(name, line)
      },
    )
  }

  readonly #retry = (): void => {
    this.#timer = undefined
    for (const [name, line] of this.#lines) this.#ask(name, line)
  }

  /** What to reject with when libzmq refused a message for good; undefined: it is dropped and counted. */
  #refusal(message: Message, error: unknown): unknown {
    const code = codeOf(error)
    if (code !== 'EAGAIN' && code !== 'EHOSTUNREACH') return error
    const full = code === 'EAGAIN'
    if ((full ? this.#rules.full : this.#rules.unknown) === 'reject') return unroutable(message, full, error)
    this.#drops.add(full ? 'high-water-mark' : 'no-peer', 1, undefined)
    return undefined
  }

  #lineOf(message: Message): string {
    return this.#rules.oneLine ? '' : keyOf(firstPart(message))
  }

  #taken(message: Message): void {
    this.sent++
    this.sentBytes += byteLengthOf(message)
  }

  #resume(): void {
    while (this.#nextTurn.first !== undefined) this.#nextTurn.first.resolve()
  }
}

function unroutable(message: Message, full: boolean, cause: unknown): UnroutableError {
  const name = hex(firstPart(message))
  return full
    ? new UnroutableError(`the queue of the peer ${name} is full; onFull: 'wait' would wait`, message, {
        cause,
      })
    : new UnroutableError(`no peer has the routing id ${name}`, message, { cause })
}
