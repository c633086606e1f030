/** PUB (RFC 29): gives each message to the peers subscribed to a prefix of its first part. */
import { type Frame, firstPart, isSingle, type Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { Distributor } from './distributor.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { Subscriptions } from './subscriptions.ts'

/** How subscriptions travel in a pipe, and on the wire to 3.0 peers: this byte, then the prefix. */
export const SUBSCRIBE = 1
export const CANCEL = 0

export class PubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  readonly #subscriptions = new Subscriptions<Pipe>()
  readonly #out: Distributor

  constructor(context: StrategyContext) {
    this.context = context
    this.#out = new Distributor(context)
  }

  attach(): void {}

  detach(pipe: Pipe): void {
    for (const _ of pipe.reclaim()) this.context.dropped('no-peer', pipe)
    for (const prefix of this.#subscriptions.deleteAll(pipe)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }

  readable(pipe: Pipe): void {
    for (let message = pipe.take(); message !== undefined; message = pipe.take()) {
      // A peer that was let go may still be in the middle of its subscriptions.
      if (pipe.closed) continue
      const first = isSingle(message) ? message[0] : undefined
      if (first === SUBSCRIBE) this.#subscribe((message as Frame).subarray(1), pipe)
      else if (first === CANCEL) this.#cancel((message as Frame).subarray(1), pipe)
      else this.upstream(message, pipe)
    }
  }

  send(message: Message): Sent {
    return this.#out.send(message, this.#subscriptions.match(firstPart(message)))
  }

  subscribers(topic: Frame | undefined): number {
    return topic === undefined ? this.#subscriptions.owners : this.#subscriptions.match(topic).length
  }

  /** A prefix that somebody holds; `fresh` when nobody did before. */
  protected subscribed(_prefix: Frame, _fresh: boolean): void {}

  /** A prefix that nobody holds any more. */
  protected cancelled(_prefix: Frame): void {}

  /** What a subscriber sends besides subscriptions. */
  protected upstream(_message: Message, pipe: Pipe): void {
    this.context.dropped('malformed', pipe)
  }

  #subscribe(prefix: Frame, pipe: Pipe): void {
    const { maxSubscriptions, receiveHighWaterMarkBytes } = this.context.options
    if (this.#subscriptions.count(pipe) >= maxSubscriptions) {
      this.context.violated(pipe, `more than ${maxSubscriptions} subscriptions`)
      return
    }
    // A prefix may be as long as a message: their number alone bounds nothing.
    if (this.#subscriptions.bytes(pipe) + prefix.length > receiveHighWaterMarkBytes) {
      this.context.violated(pipe, `subscriptions of more than ${receiveHighWaterMarkBytes} bytes`)
      return
    }
    this.subscribed(prefix, this.#subscriptions.add(prefix, pipe))
    this.context.subscriptionsChanged()
  }

  #cancel(prefix: Frame, pipe: Pipe): void {
    if (this.#subscriptions.delete(prefix, pipe)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }
}
