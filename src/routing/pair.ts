/** PAIR (RFC 31): one peer, both ways; further ones are refused. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export class PairStrategy implements RoutingStrategy {
  readonly early = true
  readonly #out: LoadBalancer
  readonly #in = new FairQueue()
  #partner: Peer | undefined

  constructor(context: StrategyContext) {
    this.#out = new LoadBalancer(context.options.dispatch)
  }

  get returned(): number {
    return this.#out.returned
  }

  get source(): Peer | undefined {
    return this.#in.source
  }

  refuses(): string | undefined {
    return this.#partner === undefined ? undefined : 'this PAIR has its one peer already'
  }

  attach(peer: Peer): void {
    if (peer.phase === 'ready') this.#partner = peer
    this.#out.attach(peer)
  }

  ready(peer: Peer): void {
    this.#partner = peer
    this.#out.ready(peer)
  }

  detach(peer: Peer, unsent: readonly Unsent[]): void {
    if (this.#partner === peer) this.#partner = undefined
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
    return this.#in.receive()
  }
}
