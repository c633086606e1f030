/** PUSH (RFC 30): deals messages out to its peers, one each in turn; waits when none has room. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Stamp } from '../queue/stamp.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent } from './routing-strategy.ts'

export class PushStrategy extends LoadBalancer implements RoutingStrategy {
  send(message: Message, stamp?: Stamp): Sent {
    return this.deal(message, stamp)
  }

  /** A puller has nothing to say. */
  readable(peer: Peer): void {
    while (peer.incoming.take() !== undefined);
  }
}
