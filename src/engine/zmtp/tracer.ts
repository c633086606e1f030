/** The tracing of one socket: stamps its messages, and measures the path of those that it takes. Made only with `trace: true`. */
import { crypto } from '../../builtin.ts'
import { type Frame, type Message, partsOf } from '../../message.ts'
import { hostTime, toHostTime } from '../../queue/host-time.ts'
import { PathTimes } from '../../queue/path-times.ts'
import type { PipeTracer, Stamp } from '../../queue/stamp.ts'
import type { TracedPipe } from '../../queue/traced-pipe.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'

/** A message on its way through the application. */
export interface Taken {
  readonly stamp: Stamp
  readonly pipe: TracedPipe
  readonly at: number
  readonly queue: number | undefined
}

/** Told of each message whose path is at its end. */
export type Arrived = (taken: Taken, consume: number) => void

export class Tracer implements PipeTracer<TracedPipe> {
  readonly times = new PathTimes()
  readonly #arrived: Arrived
  readonly #source = crypto().randomInt(2 ** 32)
  #count = 0
  /** The value that was encoded last: its message's last part, which stays when an envelope is put around it. */
  #encoded: { readonly part: Frame; readonly since: number } | undefined
  /** The send that is being tried for the first time. */
  #begun: { readonly message: Message; readonly since: number } | undefined
  /** Since when sends wait; the same buffer may be sent many times. */
  readonly #waiting = new Map<Message, number[]>()
  /** The send that the strategy has in hand. */
  #sending: Omit<Stamp, 'queued'> | undefined
  /** Stamps of what came back from pipes, by the last part, for the pipes it goes to next. */
  readonly #returned = new Map<Frame, Stamp[]>()
  /** The message that a pipe gave last. */
  #last: Taken | undefined
  /** Received messages that nobody has claimed: a consumer does so in the same turn. A WeakMap would cost five times as much, in garbage collection. */
  readonly #unclaimed = new Map<Message, Taken>()
  /** They are forgotten at the end of this turn. */
  #forgetting = false

  constructor(arrived: Arrived) {
    this.#arrived = arrived
  }

  /** `performance.now()` when `send` was called with the value of this message. */
  encoded(message: Message, since: number): void {
    this.#encoded = { part: lastPartOf(message), since: toHostTime(since) }
  }

  /** Runs a send, which may end up waiting. */
  sending<Result>(message: Message, send: () => Result): Result {
    const since = this.#encoded?.part === lastPartOf(message) ? this.#encoded.since : hostTime()
    this.#encoded = undefined
    this.#begun = { message, since }
    const result = send()
    if (this.#begun?.message === message && result instanceof Promise) this.#wait(message, since, result)
    this.#begun = undefined
    return result
  }

  /** The strategy as the sender sees it. */
  sends(strategy: RoutingStrategy): Pick<RoutingStrategy, 'leastParts' | 'send'> {
    const { leastParts, send } = strategy
    const shown = leastParts === undefined ? {} : { leastParts }
    if (send === undefined) return shown
    return {
      ...shown,
      send: message => {
        // Whatever came back has gone to another pipe, or nowhere.
        if (this.#returned.size > 0 && !strategy.returned) this.#returned.clear()
        const outer = this.#sending
        const first = this.#begun?.message === message
        const produced = first ? this.#begun!.since : (this.#waiting.get(message)?.[0] ?? hostTime())
        this.#count = (this.#count + 1) >>> 0
        this.#sending = { source: this.#source, count: this.#count, produced }
        const sent = send.call(strategy, message)
        this.#sending = outer
        if (sent === 'taken') {
          if (first) this.#begun = undefined
          else this.#waitsNoMore(message, produced)
        }
        return sent
      },
    }
  }

  /** The strategy as the receiver sees it. */
  receives(strategy: RoutingStrategy): Pick<RoutingStrategy, 'receive'> {
    const { receive } = strategy
    if (receive === undefined) return {}
    return {
      receive: () => {
        this.#last = undefined
        const message = receive.call(strategy)
        if (message !== undefined && this.#last !== undefined) this.#received(message, this.#last)
        return message
      },
    }
  }

  /** What is known of a message that was received, once; undefined when it was not traced. */
  claim(message: Message): Taken | undefined {
    const taken = this.#unclaimed.get(message)
    if (taken !== undefined) this.#unclaimed.delete(message)
    return taken
  }

  /** Whoever took the message is done with it. */
  consumed(taken: Taken): void {
    const { stamp, pipe, at, queue } = taken
    const consume = hostTime() - at
    const latency = queue === undefined ? undefined : stamp.queued - stamp.produced + queue + consume
    this.times.consumed(consume, latency)
    pipe.times.consumed(consume, latency)
    this.#arrived(taken, consume)
  }

  // What the pipes ask and tell.

  offered(message: Message, pipe: TracedPipe): Stamp | undefined {
    const returned = this.pushed(message)
    if (returned !== undefined || this.#sending === undefined) return returned
    const stamp = { ...this.#sending, queued: hostTime() }
    const produce = stamp.queued - stamp.produced
    this.times.queued(produce)
    pipe.times.queued(produce)
    return stamp
  }

  /** Subscriptions are pushed, and what came back from a pipe. */
  pushed(message: Message): Stamp | undefined {
    return this.#returned.size === 0 ? undefined : this.#returned.get(lastPartOf(message))?.shift()
  }

  taken(stamp: Stamp | undefined, pipe: TracedPipe): void {
    this.#last = undefined
    if (stamp === undefined || pipe.clock === undefined) return
    const at = hostTime()
    this.#last = { stamp, pipe, at, queue: queueTime(stamp, at, pipe) }
  }

  returned(message: Message, stamp: Stamp): void {
    const part = lastPartOf(message)
    const stamps = this.#returned.get(part)
    if (stamps === undefined) this.#returned.set(part, [stamp])
    else stamps.push(stamp)
  }

  #received(message: Message, taken: Taken): void {
    const { stamp, pipe, at, queue } = taken
    this.#unclaimed.set(message, taken)
    if (!this.#forgetting) this.#forgetAfterTurn()
    this.times.taken(at, stamp.queued - stamp.produced, queue)
    pipe.times.taken(at, stamp.queued - stamp.produced, queue)
  }

  #forgetAfterTurn(): void {
    this.#forgetting = true
    setImmediate(() => {
      this.#forgetting = false
      this.#unclaimed.clear()
    })
  }

  #wait(message: Message, since: number, result: Promise<unknown>): void {
    const waiting = this.#waiting.get(message) ?? []
    this.#waiting.set(message, waiting)
    waiting.push(since)
    // Given up, or refused.
    result.catch(() => this.#waitsNoMore(message, since))
  }

  #waitsNoMore(message: Message, since: number): void {
    const waiting = this.#waiting.get(message)
    const at = waiting?.indexOf(since) ?? -1
    if (at >= 0) waiting!.splice(at, 1)
    if (waiting?.length === 0) this.#waiting.delete(message)
  }
}

/** Undefined rather than wrong: when the peer's clock is unknown, or contradicts what is known of it. */
function queueTime({ queued }: Stamp, taken: number, { clock }: TracedPipe): number | undefined {
  const reading = clock!.reading
  if (reading === 'unknown') return undefined
  const time = taken - (queued - reading.offset)
  return time < -reading.uncertainty ? undefined : Math.max(0, time)
}

function lastPartOf(message: Message): Frame {
  return partsOf(message).at(-1)!
}
