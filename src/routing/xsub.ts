/** XSUB (RFC 29): tells every publisher which prefixes it wants, takes their messages in turn, and may send messages upstream. */
import { type Frame, isSingle, keyOf, type Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import { CANCEL, SUBSCRIBE } from './pub.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

interface Held {
  readonly prefix: Frame
  count: number
}

export class XsubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  protected readonly in = new FairQueue()
  readonly #pipes = new Set<Pipe>()
  /** Counted: a prefix subscribed twice must be cancelled twice. */
  readonly #held = new Map<string, Held>()

  constructor(context: StrategyContext) {
    this.context = context
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe)
    for (const { prefix } of this.#held.values()) pipe.push(request(SUBSCRIBE, prefix))
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe)
    pipe.reclaim()
  }

  readable(pipe: Pipe): void {
    this.in.readable(pipe)
  }

  /** A subscription, a cancellation, or a message that goes to all publishers with room. */
  send(message: Message): Sent {
    const first = isSingle(message) ? message[0] : undefined
    if (first === SUBSCRIBE) this.subscribe((message as Frame).subarray(1))
    else if (first === CANCEL) this.unsubscribe((message as Frame).subarray(1))
    else {
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
    for (const pipe of this.#pipes) pipe.push(request(SUBSCRIBE, own))
  }

  unsubscribe(prefix: Frame): void {
    const key = keyOf(prefix)
    const held = this.#held.get(key)
    if (held === undefined || --held.count > 0) return
    this.#held.delete(key)
    this.cancelled(held.prefix)
    for (const pipe of this.#pipes) pipe.push(request(CANCEL, held.prefix))
  }

  protected subscribed(_prefix: Frame): void {}

  protected cancelled(_prefix: Frame): void {}
}

function request(kind: number, prefix: Frame): Frame {
  return Buffer.concat([Buffer.from([kind]), prefix])
}
