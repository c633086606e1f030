/** Sends through a socket that says only afterwards that it did not take the message: ROUTER, and XPUB that must not drop. */

import { keyOf } from '../../bytes.ts'
import { UnroutableError } from '../../errors.ts'
import { byteLengthOf, type Message, partsOf } from '../../message.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import type { DropCause } from '../../routing/routing-strategy.ts'
import { YieldBudget } from '../../yield-budget.ts'
import { objection, withDeadline } from '../deadline.ts'
import type { OperationOptions } from '../engine.ts'
import { codeOf, type NativeSocket, SEND_TIMEOUT, TURN_BYTES } from './native.ts'

/** libzmq does not tell when such a socket has room again: who waits looks again after this many milliseconds. */
const RETRY_INTERVAL = 1
/** What a time-out says. */
const NOT_TAKEN = 'no peer has taken the message'

export interface RoutedRules {
  /** Told of the bytes of each message that libzmq has taken. */
  sent(bytes: number): void
  dropped(cause: DropCause): void
  /** Messages of one lane keep their order; lanes do not hold each other up. ROUTER: the peer's name. */
  laneOf(message: Message): string
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

class Lane extends WaitingList<Item, void> {
  /** libzmq has the first one's message, and its answer comes in a microtask. */
  asking = false
}

export class RoutedSender {
  readonly #native: NativeSocket
  readonly #rules: RoutedRules
  readonly #lanes = new Map<string, Lane>()
  /** Sends that wait for the next turn of the event loop. */
  readonly #nextTurn = new WaitingList<Message, void>()
  readonly #budget = new YieldBudget(() => this.#resume())
  #timer: NodeJS.Timeout | undefined
  #closed: { readonly reason: unknown } | undefined

  constructor(native: NativeSocket, rules: RoutedRules) {
    this.#native = native
    this.#rules = rules
    native.setInt32Option(SEND_TIMEOUT, 0)
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    if (this.#budget.spent) {
      const next = withDeadline(this.#nextTurn.add(message), options, NOT_TAKEN)
      return next.then(() => this.send(message, options))
    }
    this.#budget.spend(Math.min(byteLengthOf(message), TURN_BYTES))
    if (this.#rules.full === 'wait') return this.#queue(message, options)
    return this.#native.send(message).then(
      () => this.#rules.sent(byteLengthOf(message)),
      error => {
        const refusal = this.#refusal(message, error)
        if (refusal !== undefined) throw refusal
      },
    )
  }

  /** True unless others wait before it; what then cannot go is told a moment too late, and is dropped and counted. */
  trySend(message: Message): boolean {
    if (this.#rules.full === 'wait' && this.#lanes.has(this.#rules.laneOf(message))) return false
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
    this.#closed = { reason }
    clearTimeout(this.#timer)
    this.#nextTurn.cancelAll(reason)
    for (const lane of this.#lanes.values()) lane.cancelAll(reason)
    this.#lanes.clear()
    return 0
  }

  #queue(message: Message, options: OperationOptions | undefined): Promise<void> {
    const name = this.#rules.laneOf(message)
    let lane = this.#lanes.get(name)
    if (lane === undefined) this.#lanes.set(name, (lane = new Lane()))
    const waiting = lane.add({ message, options })
    if (lane.length === 1) this.#ask(name, lane)
    return withDeadline(waiting, options, NOT_TAKEN)
  }

  /** Gives libzmq the first message of a lane. While its answer is out it cannot be given up, for it may have gone. */
  #ask(name: string, lane: Lane): void {
    const { first } = lane
    if (lane.asking) return
    if (first === undefined) {
      this.#lanes.delete(name)
      return
    }
    lane.remove(first)
    lane.asking = true
    const { message, options } = first.item
    this.#native.send(message).then(
      () => {
        lane.asking = false
        this.#rules.sent(byteLengthOf(message))
        first.resolve()
        this.#ask(name, lane)
      },
      error => {
        lane.asking = false
        lane.prepend(first)
        const problem = this.#closed ?? objection(options)
        if (codeOf(error) === 'EAGAIN' && problem === undefined) {
          this.#timer ??= setTimeout(this.#retry, RETRY_INTERVAL)
          return
        }
        const reason = problem?.reason ?? this.#refusal(message, error)
        if (reason === undefined) first.resolve()
        else first.cancel(reason)
        this.#ask(name, lane)
      },
    )
  }

  readonly #retry = (): void => {
    this.#timer = undefined
    for (const [name, lane] of this.#lanes) this.#ask(name, lane)
  }

  /** What to reject with when libzmq refused a message for good; undefined: it is dropped and counted. */
  #refusal(message: Message, error: unknown): unknown {
    const code = codeOf(error)
    if (code !== 'EAGAIN' && code !== 'EHOSTUNREACH') return error
    const full = code === 'EAGAIN'
    if ((full ? this.#rules.full : this.#rules.unknown) === 'reject') return unroutable(message, full, error)
    this.#rules.dropped(full ? 'high-water-mark' : 'no-peer')
    return undefined
  }

  #resume(): void {
    while (this.#nextTurn.first !== undefined) this.#nextTurn.first.resolve()
  }
}

/** The name of the peer a ROUTER's message is for. */
export function nameIn(message: Message): string {
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
