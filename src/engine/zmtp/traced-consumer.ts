/** One consumer of a socket that traces: a message is consumed when it asks for the next, or says that it is done. */
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import type { Consumer, ReceiveOptions } from '../engine.ts'
import { isPending } from '../engine.ts'
import type { Receives } from './receives.ts'
import type { Taken, Tracer } from './tracer.ts'

export class TracedConsumer<In> implements Consumer<In> {
  readonly #receives: Receives<In>
  readonly #strategy: Pick<RoutingStrategy, 'source'>
  readonly #tracer: Tracer
  #open: Taken[] = []

  constructor(receives: Receives<In>, strategy: Pick<RoutingStrategy, 'source'>, tracer: Tracer) {
    this.#receives = receives
    this.#strategy = strategy
    this.#tracer = tracer
  }

  receive(options?: ReceiveOptions<In>): In | Promise<In> {
    this.done()
    const arrival = this.#receives.receive({
      ...options,
      arrived: message => {
        this.#took()
        options?.arrived?.(message)
      },
    })
    if (!isPending(arrival)) this.#took()
    return arrival
  }

  tryReceive(): In | undefined {
    this.done()
    return this.tryMore()
  }

  tryMore(): In | undefined {
    const message = this.#receives.tryReceive()
    if (message !== undefined) this.#took()
    return message
  }

  done(): void {
    if (this.#open.length === 0) return
    for (const taken of this.#open.splice(0)) this.#tracer.consumed(taken)
  }

  /** On the stack of the message's arrival: the strategy has taken nothing since. */
  #took(): void {
    const taken = this.#tracer.took(this.#strategy.source)
    if (taken !== undefined) this.#open.push(taken)
  }
}
