/** PULL (RFC 30): takes messages from its peers, one each in turn. */
import { FairQueue } from './fair-queue.ts'
import type { RoutingStrategy } from './routing-strategy.ts'

export class PullStrategy extends FairQueue implements RoutingStrategy {
  attach(): void {}

  detach(): void {}
}
