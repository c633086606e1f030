/** DEALER (RFC 28): deals requests out in turn, takes answers in turn. Towards a REP it adds the empty delimiter, and takes it off the answer. */
import { EMPTY_FRAME, type Message, messageOf, partsOf } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export class DealerStrategy implements RoutingStrategy {
  readonly early = true
  readonly #out: LoadBalancer
  readonly #in = new FairQueue()

  constructor(context: StrategyContext) {
    this.#out = new LoadBalancer(context.options.dispatch, { shaped: delimit })
  }

  get returned(): number {
    return this.#out.returned
  }

  get source(): Peer | undefined {
    return this.#in.source
  }

  attach(peer: Peer): void {
    this.#out.attach(peer)
  }

  /** What was queued before the peer was known to be a REP gets its delimiter now. */
  ready(peer: Peer): void {
    if (isRep(peer))
      for (const { message, stamp } of peer.outgoing.reclaim())
        peer.outgoing.push(delimit(message, peer), stamp)
    this.#out.ready(peer)
  }

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    this.#out.detach(peer, unsent)
  }

  readable(peer: Peer): void {
    this.#in.readable(peer)
  }

  writable(peer: Peer): void {
    this.#out.writable(peer)
  }

  send(message: Message, stamp?: Stamp): Sent {
    return this.#out.send(message, stamp)
  }

  receive(): Message | undefined {
    const message = this.#in.receive()
    if (message === undefined || !isRep(this.#in.source!)) return message
    const parts = partsOf(message)
    return parts.length > 1 && parts[0]!.length === 0 ? messageOf(parts.slice(1)) : message
  }
}

function isRep(peer: Peer): boolean {
  return peer.identity?.socketType === 'REP'
}

/** An envelope that the application has built itself stays as it is; an empty part behind which nothing comes ends none. */
function delimit(message: Message, peer: Peer): Message {
  if (!isRep(peer)) return message
  const parts = partsOf(message)
  const delimiter = parts.findIndex(part => part.length === 0)
  return delimiter >= 0 && delimiter < parts.length - 1 ? message : [EMPTY_FRAME, ...parts]
}
