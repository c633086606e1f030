/** REQ (RFC 28): deals requests out in turn and takes an answer only from the peer that was asked. Any number may be in flight, told apart by their first part. */
import { type Message, partsOf } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { Skips } from './skips.ts'

export class ReqStrategy implements RoutingStrategy {
  readonly early = true
  readonly #context: StrategyContext
  readonly #out: LoadBalancer
  readonly #in = new FairQueue()
  readonly #skips: Skips
  /** What each peer was asked and has not answered, by request id. */
  readonly #asked = new Map<Pipe, Map<number, Message>>()
  /** Whom each request was given to, so that one can be taken back without a look at all peers. */
  readonly #pipes = new Map<number, Pipe>()

  constructor(context: StrategyContext) {
    this.#context = context
    this.#skips = new Skips(context)
    this.#out = new LoadBalancer({
      dispatch: context.options.dispatch,
      placed: (message, pipe) => {
        const id = requestId(message)!
        this.#askedOf(pipe).set(id, message)
        this.#pipes.set(id, pipe)
      },
    })
  }

  get skipped(): boolean {
    return this.#skips.over
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

  /** What was not written yet goes to other peers; what was is lost. */
  detach(pipe: Pipe): void {
    const asked = this.#asked.get(pipe)
    this.#asked.delete(pipe)
    const reclaimed = this.#out.detach(pipe)
    if (asked === undefined) return
    for (const message of reclaimed) {
      const id = requestId(message)!
      asked.delete(id)
      this.#left(id, pipe)
    }
    // Answers that came before the end can still be received.
    if (pipe.waiting > 0) this.#asked.set(pipe, asked)
    else this.#lose(asked, pipe)
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
    while (!this.#skips.over) {
      const message = this.#in.receive()
      if (message === undefined) return undefined
      const pipe = this.#in.last!
      const id = requestId(message)
      const wanted = id !== undefined && this.#asked.get(pipe)?.delete(id) === true
      if (wanted) this.#pipes.delete(id)
      if (pipe.closed && pipe.waiting === 0) this.#forget(pipe)
      if (wanted) return message
      this.#context.dropped(id === undefined ? 'malformed' : 'late-answer', pipe)
      this.#skips.add()
    }
    return undefined
  }

  /**
   * Takes a request back. When it is on its way already the answer will not count; a `strict` request, which carries no id
   * to know a late answer by, ends its peer's connection instead (as ZMQ_REQ_RELAXED does).
   */
  revoke(message: Message): boolean {
    const id = requestId(message)!
    const pipe = this.#pipes.get(id)
    const asked = pipe && this.#asked.get(pipe)
    if (pipe === undefined || asked?.get(id) !== message) return this.#out.revoke(message)
    asked.delete(id)
    this.#pipes.delete(id)
    if (pipe.revoke(message)) return true
    if (this.#context.options.strict) this.#context.violated(pipe, 'a strict request was abandoned')
    return false
  }

  #forget(pipe: Pipe): void {
    const asked = this.#asked.get(pipe)
    this.#asked.delete(pipe)
    if (asked !== undefined) this.#lose(asked, pipe)
  }

  #lose(asked: ReadonlyMap<number, Message>, pipe: Pipe): void {
    for (const [id, message] of asked) {
      this.#left(id, pipe)
      this.#context.lost(message)
    }
  }

  /** By then the request may have been given to another peer. */
  #left(id: number, pipe: Pipe): void {
    if (this.#pipes.get(id) === pipe) this.#pipes.delete(id)
  }

  #askedOf(pipe: Pipe): Map<number, Message> {
    let asked = this.#asked.get(pipe)
    if (asked === undefined) this.#asked.set(pipe, (asked = new Map()))
    return asked
  }
}

/** The number in front of the delimiter; -1 where a `strict` request has none. Undefined for what is no request or answer. */
function requestId(message: Message): number | undefined {
  const parts = partsOf(message)
  if (parts.length >= 2 && parts[0]!.length === 0) return -1
  const id = parts[0]!
  if (parts.length < 3 || id.length !== 4 || parts[1]!.length !== 0) return undefined
  return ((id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!) >>> 0
}
