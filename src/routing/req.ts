/** REQ (RFC 28): deals requests out in turn and takes an answer only from the peer that was asked. Any number may be in flight. */
import type { Message } from '../message.ts'
import type { OutgoingRequest, RequestOutcome } from '../outgoing-request.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'
import { FairQueue } from './fair-queue.ts'
import { LoadBalancer } from './load-balancer.ts'
import { RequestCorrelation } from './request-correlation.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'
import { SkipBudget } from './skip-budget.ts'

export class ReqStrategy extends LoadBalancer implements RoutingStrategy<OutgoingRequest, RequestOutcome> {
  readonly measure: RequestCorrelation
  readonly #context: StrategyContext
  readonly #requests: RequestCorrelation
  readonly #in = new FairQueue()
  readonly #skipBudget: SkipBudget

  constructor(context: StrategyContext) {
    super(context)
    this.#context = context
    this.#requests = this.measure = new RequestCorrelation(context.options.strict)
    this.#skipBudget = new SkipBudget(context)
  }

  get source(): Peer | undefined {
    return this.#in.source
  }

  get skipped(): boolean {
    return this.#skipBudget.spent
  }

  /** What was not written yet goes to other peers; what was is lost, unless its answer came before the end. */
  override detach(peer: Peer, unsent: readonly Unsent[]): void {
    for (const { message } of unsent) this.#requests.place(message, undefined)
    super.detach(peer, unsent)
    if (peer.incoming.unread === 0 && this.#requests.lose(peer)) this.#context.receivable()
  }

  readable(peer: Peer): void {
    this.#in.readable(peer)
  }

  send(request: OutgoingRequest, stamp?: Stamp): Sent {
    const one = this.#requests.begin(request)
    const sent = this.deal(one.wire, stamp)
    if (sent === 'full') this.#requests.end(one)
    return sent
  }

  protected override placed(wire: Message, peer: Peer): void {
    this.#requests.place(wire, peer)
    // Giving it the message may have shown that it has gone.
    if (peer.outgoing.closed && this.#requests.lose(peer)) this.#context.receivable()
  }

  receive(): RequestOutcome | undefined {
    for (;;) {
      const loss = this.#requests.takeLoss()
      if (loss !== undefined) {
        this.#in.source = undefined
        return loss
      }
      if (this.#skipBudget.spent) return undefined
      const message = this.#in.receive()
      if (message === undefined) return undefined
      const peer = this.#in.source!
      const outcome = this.#requests.answer(message, peer)
      if (peer.incoming.closed && peer.incoming.unread === 0) this.#requests.lose(peer)
      if (typeof outcome !== 'string') return outcome
      this.#context.dropped(outcome, peer)
      this.#skipBudget.skip()
    }
  }

  /**
   * Takes a request back. When it is on its way already the answer will not count; a `strict` request, which carries no id
   * to know a late answer by, ends its peer's connection instead (as ZMQ_REQ_RELAXED does).
   */
  revoke(request: OutgoingRequest): boolean {
    const one = this.#requests.find(request)
    if (one === undefined) return false
    const { peer, wire } = one
    this.#requests.end(one)
    if (peer === undefined) return this.takeBack(wire)
    if (peer.outgoing.revoke(wire)) return true
    if (this.#context.options.strict) this.#context.violated(peer, 'a strict request was abandoned')
    return false
  }
}
