/** ROUTER (RFC 28): each message received tells its peer; each message sent goes to the peer that it names. */
import { Addressed, delimiterIn } from '../addressed.ts'
import { hex } from '../bytes.ts'
import { partCountOf } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { RoutingIds } from './routing-ids.ts'
import type { Measure, RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

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

/** The routing id counts as a part. */
const WITH_ROUTING_ID: Measure<Addressed> = {
  leastParts: 2,
  bytes: ({ byteLength }) => byteLength,
  parts: ({ message }) => 1 + partCountOf(message),
  whole: ({ whole }) => whole,
}

export class RouterStrategy implements RoutingStrategy<Addressed, Addressed> {
  readonly measure = WITH_ROUTING_ID
  protected readonly context: StrategyContext
  readonly #rules: RouterRules
  readonly #ids = new RoutingIds()
  readonly #in = new FairQueue()
  #requesters = 0

  constructor(context: StrategyContext, rules: RouterRules) {
    this.context = context
    this.#rules = rules
  }

  get source(): Peer | undefined {
    return this.#in.source
  }

  refuses(identity: PeerIdentity): string | undefined {
    const name = this.#givenName(identity)
    if (name === undefined || this.#rules.handover || this.#ids.peer(name) === undefined) return undefined
    return `the routing id ${hex(name)} is in use by another peer`
  }

  attach(peer: Peer): void {
    const name = this.#givenName(peer.identity!)
    const former = name === undefined ? undefined : this.#ids.peer(name)
    this.#ids.add(peer, name)
    if (isReq(peer)) this.#requesters++
    if (former !== undefined) this.context.violated(former, 'a newcomer took over the routing id')
  }

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    this.#ids.delete(peer)
    if (isReq(peer)) this.#requesters--
    for (const _ of unsent) this.context.dropped('no-peer', peer)
  }

  nameOf(peer: Peer): Uint8Array {
    return this.#ids.name(peer)!
  }

  readable(peer: Peer): void {
    this.#in.readable(peer)
  }

  /** False without a look where no peer is one. */
  isRequester(name: Uint8Array): boolean {
    return this.#requesters > 0 && isReq(this.#ids.peer(name))
  }

  send({ peer: name, message }: Addressed, stamp?: Stamp): Sent {
    const peer = this.#ids.peer(name)
    if (peer?.outgoing.offer(message, stamp) === true) return 'taken'
    if (peer !== undefined && this.#rules.onFull === 'wait') return peer
    if (this.#rules.mandatory) return peer === undefined ? 'unroutable' : 'refused'
    this.context.dropped(peer === undefined ? 'no-peer' : 'high-water-mark', peer)
    return 'taken'
  }

  /** What a REQ sends always has an envelope. */
  receive(): Addressed | undefined {
    const message = this.#in.receive()
    if (message === undefined) return undefined
    const peer = this.#in.source!
    return new Addressed(this.#ids.name(peer)!, message, this.splits(peer) ? delimiterIn(message) : -1)
  }

  protected splits(peer: Peer): boolean {
    return isReq(peer)
  }

  #givenName({ routingId }: PeerIdentity): Uint8Array | undefined {
    return this.#rules.ownNames && routingId.length > 0 ? routingId : undefined
  }
}

function isReq(peer: Peer | undefined): boolean {
  return peer?.identity?.socketType === 'REQ'
}
