/** XSUB (RFC 29): tells every publisher which prefixes it wants, takes their messages in turn, and may send messages upstream. */
import { type Frame, keyOf, type Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { CANCEL, changeFrame, changeKind, SUBSCRIBE, SubscriptionChanges } from './subscription-changes.ts'

interface Held {
  readonly prefix: Frame
  count: number
}

export class XsubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  protected readonly in = new FairQueue()
  readonly #pipes = new Set<Pipe>()
  /** What publishers at their mark are still to be told. */
  readonly #late = new Map<Pipe, SubscriptionChanges>()
  /** Counted: a prefix subscribed twice must be cancelled twice. */
  readonly #held = new Map<string, Held>()

  constructor(context: StrategyContext) {
    this.context = context
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe)
    // Exempt from the mark: it is no more than we hold.
    for (const { prefix } of this.#held.values()) pipe.push(changeFrame(SUBSCRIBE, prefix))
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe)
    this.#late.delete(pipe)
    for (const message of pipe.reclaim())
      if (changeKind(message) === undefined) this.context.dropped('no-peer', pipe)
  }

  writable(pipe: Pipe): void {
    const late = this.#late.get(pipe)
    while (late !== undefined && pipe.hasRoom()) {
      const change = late.take()
      if (change === undefined) {
        this.#late.delete(pipe)
        return
      }
      pipe.push(change)
    }
  }

  isLate(pipe: Pipe): boolean {
    return this.#late.has(pipe)
  }

  readable(pipe: Pipe): void {
    this.in.readable(pipe)
  }

  /** A subscription, a cancellation, or a message that goes to all publishers with room. */
  send(message: Message): Sent {
    const kind = changeKind(message)
    if (kind === SUBSCRIBE) this.subscribe((message as Frame).subarray(1))
    else if (kind === CANCEL) this.unsubscribe((message as Frame).subarray(1))
    else {
      if (this.#pipes.size === 0) this.context.dropped('no-peer', undefined)
      for (const pipe of this.#pipes) if (!pipe.offer(message)) this.context.dropped('high-water-mark', pipe)
    }
    return 'taken'
  }

  receive(): Message | undefined {
    return this.in.receive()
  }

  subscribe(prefix: Frame): void {
    const key = keyOf(prefix)
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.count++
      return
    }
    const own = Buffer.from(prefix)
    this.#held.set(key, { prefix: own, count: 1 })
    this.subscribed(own)
    this.#tell(SUBSCRIBE, own)
  }

  unsubscribe(prefix: Frame): void {
    const key = keyOf(prefix)
    const held = this.#held.get(key)
    if (held === undefined || --held.count > 0) return
    this.#held.delete(key)
    this.cancelled(held.prefix)
    this.#tell(CANCEL, held.prefix)
  }

  protected subscribed(_prefix: Frame): void {}

  protected cancelled(_prefix: Frame): void {}

  /** Changes that a publisher does not read undo each other, so that peers behind a broker cannot fill its memory. */
  #tell(kind: number, prefix: Frame): void {
    const change = changeFrame(kind, prefix)
    for (const pipe of this.#pipes) {
      let late = this.#late.get(pipe)
      if (late === undefined && pipe.hasRoom()) {
        pipe.push(change)
        continue
      }
      if (pipe.closed) continue
      if (late === undefined) this.#late.set(pipe, (late = new SubscriptionChanges()))
      if (kind === SUBSCRIBE) late.subscribed(prefix, true)
      else late.cancelled(prefix)
    }
  }
}
