/** XPUB (RFC 29): a PUB that shows the application its subscriptions and what its peers send upstream. */
import type { Frame, Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import { PubStrategy } from './pub.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { SubscriptionChanges } from './subscription-changes.ts'
import { Upstream } from './upstream.ts'

/** What is freed when there are too many topics, so that the next one does not need another search for the greatest share. */
const FREED = 1 / 16

interface Room {
  readonly weight: (length: number) => number
  readonly isEnough: () => boolean
}

export class XpubStrategy extends PubStrategy {
  readonly #changes: SubscriptionChanges
  readonly #upstream: Upstream

  constructor(context: StrategyContext) {
    super(context)
    const { receiveHighWaterMark: messages, receiveHighWaterMarkBytes: bytes } = context.options
    this.#changes = new SubscriptionChanges({ messages, bytes })
    this.#upstream = new Upstream({ messages, bytes })
  }

  override detach(peer: Peer, unsent: readonly Unsent[]): void {
    for (let lost = this.#upstream.leave(peer); lost > 0; lost--)
      this.context.dropped('high-water-mark', peer)
    super.detach(peer, unsent)
  }

  /** In the order in which they came, as far as a change of subscriptions has not undone another. */
  receive(): Message | undefined {
    const [change, message] = [this.#changes.next, this.#upstream.next]
    if (change !== undefined && (message === undefined || change < message)) return this.#changes.take()
    return this.#upstream.take()
  }

  /** A broker is one peer to its publishers, which bound what one peer may hold: so all peers are bounded together here. */
  protected override admits(prefix: Frame, peer: Peer): boolean {
    if (!super.admits(prefix, peer)) return false
    const { subscriptions } = this
    const { maxTopics, receiveHighWaterMarkBytes: maxBytes } = this.context.options
    const fits = subscriptions.prefixBytes + prefix.length <= maxBytes
    if ((subscriptions.prefixes < maxTopics && fits) || subscriptions.has(prefix)) return true
    if (fits) {
      this.#makeRoom(prefix, peer, `${maxTopics} topics`, {
        weight: () => 1,
        isEnough: () => subscriptions.prefixes <= maxTopics * (1 - FREED),
      })
    } else {
      this.#makeRoom(prefix, peer, `${maxBytes} bytes of topics`, {
        weight: length => length,
        isEnough: () => subscriptions.prefixBytes + prefix.length <= maxBytes * (1 - FREED),
      })
    }
    return !peer.incoming.closed
  }

  protected override subscribed(prefix: Frame, fresh: boolean): void {
    if (!fresh && !this.context.options.verbose) return
    this.#changes.subscribed(prefix, fresh)
    this.context.receivable()
  }

  protected override cancelled(prefix: Frame): void {
    this.#changes.cancelled(prefix)
    this.context.receivable()
  }

  protected override upstream(message: Message, peer: Peer): void {
    this.#upstream.add(message, peer, this.#changes.begun)
    this.context.receivable()
  }

  /**
   * Disconnects the peers with the greatest shares until there is room, or until that is the peer that asks. A peer that
   * asks for little therefore gets it, however much others hold, and what many subscribe to is charged to none of them alone.
   */
  #makeRoom(prefix: Frame, asking: Peer, limit: string, { weight, isEnough }: Room): void {
    const shares = this.subscriptions.shares(weight)
    shares.set(asking, (shares.get(asking) ?? 0) + weight(prefix.length))
    for (const [peer] of [...shares].sort((a, b) => b[1] - a[1])) {
      if (asking.incoming.closed || isEnough()) return
      this.context.violated(peer, `more than ${limit} in all, and this peer has the greatest share`)
    }
  }
}
