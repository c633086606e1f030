/** PUB (RFC 29): gives each message to the peers subscribed to a prefix of its first part. */
import { byteLengthOf, type Frame, firstPart, type Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { Distributor } from './distributor.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { changeKind, SUBSCRIBE } from './subscription-changes.ts'
import { Subscriptions } from './subscriptions.ts'

export class PubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  protected readonly subscriptions = new Subscriptions<Pipe>()
  readonly #out: Distributor

  constructor(context: StrategyContext) {
    this.context = context
    this.#out = new Distributor(context)
  }

  attach(): void {}

  detach(pipe: Pipe): void {
    for (const _ of pipe.reclaim()) this.context.dropped('no-peer', pipe)
    for (const prefix of this.subscriptions.deleteAll(pipe)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }

  readable(pipe: Pipe): void {
    for (let message = pipe.read(); message !== undefined; message = pipe.read()) {
      const kind = changeKind(message)
      if (kind === undefined && !pipe.closed) {
        this.upstream(message, pipe)
        continue
      }
      // A peer that was let go may still be in the middle of its subscriptions.
      if (!pipe.closed) this.#change(kind!, (message as Frame).subarray(1), pipe)
      pipe.settle(1, byteLengthOf(message))
    }
  }

  send(message: Message): Sent {
    return this.#out.send(message, this.subscriptions.match(firstPart(message)))
  }

  subscribers(topic: Frame | undefined): number {
    return topic === undefined ? this.subscriptions.owners : this.subscriptions.match(topic).length
  }

  /** Whether the peer may subscribe to this prefix too; one that may not is disconnected. */
  protected admits(prefix: Frame, pipe: Pipe): boolean {
    const { maxSubscriptions, receiveHighWaterMarkBytes } = this.context.options
    if (this.subscriptions.count(pipe) >= maxSubscriptions) {
      this.context.violated(pipe, `more than ${maxSubscriptions} subscriptions`)
      return false
    }
    // A prefix may be as long as a message: their number alone bounds nothing.
    if (this.subscriptions.bytes(pipe) + prefix.length > receiveHighWaterMarkBytes) {
      this.context.violated(pipe, `subscriptions of more than ${receiveHighWaterMarkBytes} bytes`)
      return false
    }
    return true
  }

  /** A prefix that a peer holds; `fresh` when none did before. */
  protected subscribed(_prefix: Frame, _fresh: boolean): void {}

  /** A prefix that no peer holds any more. */
  protected cancelled(_prefix: Frame): void {}

  /** What a subscriber sends besides subscriptions: read, and not settled. */
  protected upstream(message: Message, pipe: Pipe): void {
    this.context.dropped('malformed', pipe)
    pipe.settle(1, byteLengthOf(message))
  }

  #change(kind: number, prefix: Frame, pipe: Pipe): void {
    if (kind === SUBSCRIBE) {
      if (!this.admits(prefix, pipe)) return
      this.subscribed(prefix, this.subscriptions.add(prefix, pipe))
    } else if (this.subscriptions.delete(prefix, pipe)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }
}
