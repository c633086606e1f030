/** PULL (RFC 30): takes messages from its peers, one each in turn. */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import type { RoutingStrategy } from './routing-strategy.ts'

export class PullStrategy implements RoutingStrategy {
  readonly #in = new FairQueue()

  attach(): void {}

  detach(): void {}

  readable(pipe: Pipe): void {
    this.#in.readable(pipe)
  }

  receive(): Message | undefined {
    return this.#in.receive()
  }
}
