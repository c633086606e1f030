/** XSUB (RFC 29): tells every publisher which prefixes it wants, takes their messages in turn, and may send messages upstream. */
import { copyOf, keyOf } from '../bytes.ts'
import type { Frame, Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import {
  CANCEL,
  SUBSCRIBE,
  type SubscriptionKind,
  subscriptionKind,
  subscriptionMessage,
} from '../subscription-message.ts'
import { FairQueue } from './fair-queue.ts'
import { Prefixes } from './prefixes.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { SubscriptionChanges } from './subscription-changes.ts'

interface Held {
  readonly prefix: Frame
  count: number
}

export class XsubStrategy implements RoutingStrategy {
  protected readonly context: StrategyContext
  protected readonly in = new FairQueue()
  readonly #peers = new Set<Peer>()
  /** What publishers at their mark are still to be told. */
  readonly #late = new Map<Peer, SubscriptionChanges>()
  /** Counted: a prefix subscribed twice must be cancelled twice. */
  readonly #held = new Set<Held>()
  readonly #byPrefix = new Prefixes<Held>()

  constructor(context: StrategyContext) {
    this.context = context
  }

  get source(): Peer | undefined {
    return this.in.source
  }

  attach(peer: Peer): void {
    this.#peers.add(peer)
    // Exempt from the mark: it is no more than we hold.
    for (const { prefix } of this.#held) peer.outgoing.push(subscriptionMessage(SUBSCRIBE, prefix))
  }

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    this.#peers.delete(peer)
    this.#late.delete(peer)
    for (const { message } of unsent)
      if (subscriptionKind(message) === undefined) this.context.dropped('no-peer', peer)
  }

  writable(peer: Peer): void {
    const late = this.#late.get(peer)
    if (late === undefined) return
    while (peer.outgoing.hasRoom) {
      const change = late.take()
      if (change === undefined) {
        this.#late.delete(peer)
        return
      }
      peer.outgoing.push(change)
    }
    peer.outgoing.awaitRoom()
  }

  isLate(peer: Peer): boolean {
    return this.#late.has(peer)
  }

  readable(peer: Peer): void {
    this.in.readable(peer)
  }

  /** A subscription, a cancellation, or a message that goes to all publishers with room. */
  send(message: Message, stamp?: Stamp): Sent {
    const kind = subscriptionKind(message)
    if (kind === SUBSCRIBE) this.subscribe((message as Frame).subarray(1))
    else if (kind === CANCEL) this.unsubscribe((message as Frame).subarray(1))
    else {
      if (this.#peers.size === 0) this.context.dropped('no-peer', undefined)
      for (const peer of this.#peers)
        if (!peer.outgoing.offer(message, stamp)) this.context.dropped('high-water-mark', peer)
    }
    return 'taken'
  }

  receive(): Message | undefined {
    return this.in.receive()
  }

  subscribe(prefix: Frame): void {
    const key = keyOf(prefix)
    const before = this.#byPrefix.get(key)
    if (before !== undefined) {
      before.count++
      return
    }
    const own = copyOf(prefix)
    const held = { prefix: own, count: 1 }
    this.#held.add(held)
    this.#byPrefix.set(key, held)
    this.subscribed(own)
    this.#tell(SUBSCRIBE, own)
  }

  unsubscribe(prefix: Frame): void {
    const key = keyOf(prefix)
    const held = this.#byPrefix.get(key)
    if (held === undefined || --held.count > 0) return
    this.#held.delete(held)
    this.#byPrefix.delete(key)
    this.cancelled(held.prefix)
    this.#tell(CANCEL, held.prefix)
  }

  protected subscribed(_prefix: Frame): void {}

  protected cancelled(_prefix: Frame): void {}

  /** Changes that a publisher does not read undo each other, so that peers behind a broker cannot fill its memory. */
  #tell(kind: SubscriptionKind, prefix: Frame): void {
    const change = subscriptionMessage(kind, prefix)
    for (const peer of this.#peers) {
      let late = this.#late.get(peer)
      if (late === undefined && peer.outgoing.hasRoom) {
        peer.outgoing.push(change)
        continue
      }
      if (peer.outgoing.closed) continue
      if (late === undefined) {
        this.#late.set(peer, (late = new SubscriptionChanges()))
        peer.outgoing.awaitRoom()
      }
      if (kind === SUBSCRIBE) late.subscribed(prefix, true)
      else late.cancelled(prefix)
    }
  }
}
