/** PUSH (RFC 30): deals messages out to its peers, one each in turn; waits when none has room. */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export class PushStrategy implements RoutingStrategy {
  readonly early = true
  readonly #out: LoadBalancer

  constructor(context: StrategyContext) {
    this.#out = new LoadBalancer(context.options)
  }

  get returned(): number {
    return this.#out.returned
  }

  attach(pipe: Pipe): void {
    this.#out.attach(pipe)
  }

  opened(pipe: Pipe): void {
    this.#out.opened(pipe)
  }

  detach(pipe: Pipe): void {
    this.#out.detach(pipe)
  }

  /** A puller has nothing to say. */
  readable(pipe: Pipe): void {
    while (pipe.take() !== undefined);
  }

  writable(pipe: Pipe): void {
    this.#out.writable(pipe)
  }

  send(message: Message): Sent {
    return this.#out.send(message) ? 'taken' : 'full'
  }
}
