/** What DEALER and PAIR share: messages are dealt out in turn, and taken in turn. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent } from './routing-strategy.ts'

export abstract class DealingStrategy extends LoadBalancer implements RoutingStrategy {
  readonly #in = new FairQueue()

  get source(): Peer | undefined {
    return this.#in.source
  }

  send(message: Message, stamp?: Stamp): Sent {
    return this.deal(message, stamp)
  }

  readable(peer: Peer): void {
    this.#in.readable(peer)
  }

  receive(): Message | undefined {
    return this.#in.receive()
  }
}
