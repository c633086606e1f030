/** DEALER (RFC 28): deals requests out in turn, takes answers in turn. Towards a REP it adds the empty delimiter, and takes it off the answer. */
import { EMPTY_FRAME, type Message, messageOf, partsOf } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export class DealerStrategy implements RoutingStrategy {
  readonly early = true
  readonly #out: LoadBalancer
  readonly #in = new FairQueue()

  constructor(context: StrategyContext) {
    this.#out = new LoadBalancer({ dispatch: context.options.dispatch, shaped: delimit })
  }

  get returned(): number {
    return this.#out.returned
  }

  attach(pipe: Pipe): void {
    this.#out.attach(pipe)
  }

  /** What was queued before the peer was known to be a REP gets its delimiter now. */
  opened(pipe: Pipe): void {
    if (isRep(pipe)) for (const message of pipe.reclaim()) pipe.push(delimit(message, pipe))
    this.#out.opened(pipe)
  }

  detach(pipe: Pipe): void {
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
    const message = this.#in.receive()
    if (message === undefined || !isRep(this.#in.last!)) return message
    const parts = partsOf(message)
    return parts.length > 1 && parts[0]!.length === 0 ? messageOf(parts.slice(1)) : message
  }
}

function isRep(pipe: Pipe): boolean {
  return pipe.peer?.socketType === 'REP'
}

/** An envelope that the application has built itself stays as it is; an empty part behind which nothing comes ends none. */
function delimit(message: Message, pipe: Pipe): Message {
  if (!isRep(pipe)) return message
  const parts = partsOf(message)
  const delimiter = parts.findIndex(part => part.length === 0)
  return delimiter >= 0 && delimiter < parts.length - 1 ? message : [EMPTY_FRAME, ...parts]
}
