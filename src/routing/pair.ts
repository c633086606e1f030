/** PAIR (RFC 31): one peer, both ways; further ones are refused. */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export class PairStrategy implements RoutingStrategy {
  readonly early = true
  readonly #out: LoadBalancer
  readonly #in = new FairQueue()
  #partner: Pipe | undefined

  constructor(context: StrategyContext) {
    this.#out = new LoadBalancer(context.options)
  }

  get returned(): number {
    return this.#out.returned
  }

  refuses(): string | undefined {
    return this.#partner === undefined ? undefined : 'this PAIR has its one peer already'
  }

  attach(pipe: Pipe): void {
    if (pipe.peer !== undefined) this.#partner = pipe
    this.#out.attach(pipe)
  }

  opened(pipe: Pipe): void {
    this.#partner = pipe
    this.#out.opened(pipe)
  }

  detach(pipe: Pipe): void {
    if (this.#partner === pipe) this.#partner = undefined
    this.#out.detach(pipe)
  }

  readable(pipe: Pipe): void {
    this.#in.readable(pipe)
  }

  writable(pipe: Pipe): void {
    this.#out.writable(pipe)
  }

  send(message: Message): Sent {
    return this.#out.send(message) ? 'taken' : 'full'
  }

  receive(): Message | undefined {
    return this.#in.receive()
  }
}
