/** PUB (RFC 29): gives each message to the peers subscribed to a prefix of its first part. */
import { byteLengthOf, type Frame, firstPart, type Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { SUBSCRIBE, subscriptionKind } from '../subscription-message.ts'
import { FanOut } from './fan-out.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { Subscriptions } from './subscriptions.ts'

export class PubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  protected readonly subscriptions = new Subscriptions<Peer>()
  readonly #fanOut: FanOut

  constructor(context: StrategyContext) {
    this.context = context
    this.#fanOut = new FanOut(context)
  }

  attach(): void {}

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    for (const _ of unsent) this.context.dropped('no-peer', peer)
    for (const prefix of this.subscriptions.deleteAll(peer)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }

  readable(peer: Peer): void {
    const { incoming } = peer
    for (let message = incoming.read(); message !== undefined; message = incoming.read()) {
      const kind = subscriptionKind(message)
      if (kind === undefined && !incoming.closed) {
        this.upstream(message, peer)
        continue
      }
      // A peer that was let go may still be in the middle of its subscriptions.
      if (!incoming.closed) this.#change(kind!, (message as Frame).subarray(1), peer)
      incoming.settle(1, byteLengthOf(message))
    }
  }

  send(message: Message, stamp?: Stamp): Sent {
    return this.#fanOut.send(message, this.subscriptions.match(firstPart(message)), stamp)
  }

  subscribers(topic: Frame | undefined): number {
    return topic === undefined ? this.subscriptions.owners : this.subscriptions.match(topic).length
  }

  /** Whether the peer may subscribe to this prefix too; one that may not is disconnected. */
  protected admits(prefix: Frame, peer: Peer): boolean {
    const { maxSubscriptions, receiveHighWaterMarkBytes } = this.context.options
    if (this.subscriptions.count(peer) >= maxSubscriptions) {
      this.context.violated(peer, `more than ${maxSubscriptions} subscriptions`)
      return false
    }
    // A prefix may be as long as a message: their number alone bounds nothing.
    if (this.subscriptions.bytes(peer) + prefix.length > receiveHighWaterMarkBytes) {
      this.context.violated(peer, `subscriptions of more than ${receiveHighWaterMarkBytes} bytes`)
      return false
    }
    return true
  }

  /** A prefix that a peer holds; `fresh` when none did before. */
  protected subscribed(_prefix: Frame, _fresh: boolean): void {}

  /** A prefix that no peer holds any more. */
  protected cancelled(_prefix: Frame): void {}

  /** What a subscriber sends besides subscriptions: read, and not settled. */
  protected upstream(message: Message, peer: Peer): void {
    this.context.dropped('malformed', peer)
    peer.incoming.settle(1, byteLengthOf(message))
  }

  #change(kind: number, prefix: Frame, peer: Peer): void {
    if (kind === SUBSCRIBE) {
      if (!this.admits(prefix, peer)) return
      this.subscribed(prefix, this.subscriptions.add(prefix, peer))
    } else if (this.subscriptions.delete(prefix, peer)) this.cancelled(prefix)
    this.context.subscriptionsChanged()
  }
}
