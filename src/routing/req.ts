/** REQ (RFC 28): deals requests out in turn and takes an answer only from the peer that was asked. Any number may be in flight, told apart by their first part. */
import { type Message, partsOf } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import { DealingStrategy } from './dealing.ts'
import type { StrategyContext } from './routing-strategy.ts'
import { SkipBudget } from './skip-budget.ts'

export class ReqStrategy extends DealingStrategy {
  readonly #context: StrategyContext
  readonly #skipBudget: SkipBudget
  /** What each peer was asked and has not answered, by request id. */
  readonly #asked = new Map<Peer, Map<number, Message>>()
  /** Whom each request was given to, so that one can be taken back without a look at all peers. */
  readonly #peers = new Map<number, Peer>()

  constructor(context: StrategyContext) {
    super(context)
    this.#context = context
    this.#skipBudget = new SkipBudget(context)
  }

  get skipped(): boolean {
    return this.#skipBudget.spent
  }

  /** What was not written yet goes to other peers; what was is lost. */
  override detach(peer: Peer, unsent: readonly Unsent[]): void {
    const asked = this.#asked.get(peer)
    for (const { message } of unsent) {
      const id = requestId(message)!
      asked?.delete(id)
      this.#left(id, peer)
    }
    super.detach(peer, unsent)
    // Answers that came before the end can still be received.
    if (peer.incoming.unread === 0) this.#forget(peer)
  }

  protected override placed(message: Message, peer: Peer): void {
    const id = requestId(message)!
    this.#askedOf(peer).set(id, message)
    this.#peers.set(id, peer)
  }

  override receive(): Message | undefined {
    while (!this.#skipBudget.spent) {
      const message = super.receive()
      if (message === undefined) return undefined
      const peer = this.source!
      const id = requestId(message)
      const wanted = id !== undefined && this.#asked.get(peer)?.delete(id) === true
      if (wanted) this.#peers.delete(id)
      if (peer.incoming.closed && peer.incoming.unread === 0) this.#forget(peer)
      if (wanted) return message
      this.#context.dropped(id === undefined ? 'malformed' : 'late-answer', peer)
      this.#skipBudget.skip()
    }
    return undefined
  }

  /**
   * Takes a request back. When it is on its way already the answer will not count; a `strict` request, which carries no id
   * to know a late answer by, ends its peer's connection instead (as ZMQ_REQ_RELAXED does).
   */
  override revoke(message: Message): boolean {
    const id = requestId(message)!
    const peer = this.#peers.get(id)
    const asked = peer && this.#asked.get(peer)
    if (peer === undefined || asked?.get(id) !== message) return super.revoke(message)
    asked.delete(id)
    this.#peers.delete(id)
    if (peer.outgoing.revoke(message)) return true
    if (this.#context.options.strict) this.#context.violated(peer, 'a strict request was abandoned')
    return false
  }

  /** Nothing more comes from this peer: what it has not answered is lost. */
  #forget(peer: Peer): void {
    const asked = this.#asked.get(peer)
    this.#asked.delete(peer)
    for (const [id, message] of asked ?? []) {
      this.#left(id, peer)
      this.#context.lost(message)
    }
  }

  /** By then the request may have been given to another peer. */
  #left(id: number, peer: Peer): void {
    if (this.#peers.get(id) === peer) this.#peers.delete(id)
  }

  #askedOf(peer: Peer): Map<number, Message> {
    let asked = this.#asked.get(peer)
    if (asked === undefined) this.#asked.set(peer, (asked = new Map()))
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
