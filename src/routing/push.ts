/** PUSH (RFC 30): deals messages out to its peers, one each in turn; waits when none has room. */
import type { Peer } from '../peer/peer.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy } from './routing-strategy.ts'

export class PushStrategy extends LoadBalancer implements RoutingStrategy {
  /** A puller has nothing to say. */
  readable(peer: Peer): void {
    while (peer.incoming.take() !== undefined);
  }
}
