/** ROUTER (RFC 28): each message received names its peer in the first part; each message sent goes to the peer its first part names. */
import { hex } from '../bytes.ts'
import { type Message, messageOf, partsOf } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { Names } from './names.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export interface RouterRules {
  /** What becomes of a message for an unknown name: reported, or dropped and counted. */
  readonly mandatory: boolean
  /** What becomes of a message for a peer at its mark. */
  readonly onFull: 'wait' | 'reject'
  /** A newcomer takes over a routing id that is in use. */
  readonly handover: boolean
  /** Peers go by the routing id they give themselves. */
  readonly ownNames: boolean
}

export class RouterStrategy implements RoutingStrategy {
  readonly leastParts = 2
  protected readonly context: StrategyContext
  readonly #rules: RouterRules
  readonly #names = new Names()
  readonly #in = new FairQueue()

  constructor(context: StrategyContext, rules: RouterRules) {
    this.context = context
    this.#rules = rules
  }

  get source(): Peer | undefined {
    return this.#in.source
  }

  refuses(identity: PeerIdentity): string | undefined {
    const name = this.#givenName(identity)
    if (name === undefined || this.#rules.handover || this.#names.peer(name) === undefined) return undefined
    return `the routing id ${hex(name)} is in use by another peer`
  }

  attach(peer: Peer): void {
    const name = this.#givenName(peer.identity!)
    const former = name === undefined ? undefined : this.#names.peer(name)
    this.#names.add(peer, name)
    if (former !== undefined) this.context.violated(former, 'a newcomer took over the routing id')
  }

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    this.#names.delete(peer)
    for (const _ of unsent) this.context.dropped('no-peer', peer)
  }

  nameOf(peer: Peer): Uint8Array {
    return this.#names.name(peer)!
  }

  readable(peer: Peer): void {
    this.#in.readable(peer)
  }

  send(message: Message, stamp?: Stamp): Sent {
    const parts = partsOf(message)
    const peer = this.#names.peer(parts[0]!)
    if (peer?.outgoing.offer(messageOf(parts.slice(1)), stamp) === true) return 'taken'
    if (peer !== undefined && this.#rules.onFull === 'wait') return peer
    if (this.#rules.mandatory) return peer === undefined ? 'unroutable' : 'refused'
    this.context.dropped(peer === undefined ? 'no-peer' : 'high-water-mark', peer)
    return 'taken'
  }

  receive(): Message | undefined {
    const message = this.#in.receive()
    return message === undefined ? undefined : [this.#names.name(this.#in.source!)!, ...partsOf(message)]
  }

  #givenName({ routingId }: PeerIdentity): Uint8Array | undefined {
    return this.#rules.ownNames && routingId.length > 0 ? routingId : undefined
  }
}
