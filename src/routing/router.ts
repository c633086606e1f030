/** ROUTER (RFC 28): each message received names its peer in the first part; each message sent goes to the peer its first part names. */
import { type Message, messageOf, partsOf } from '../message.ts'
import type { Peer } from '../peer.ts'
import type { Pipe } from '../queue/pipe.ts'
import { FairQueue } from './fair-queue.ts'
import { Names } from './names.ts'
import type { RoutingStrategy, Sent, StrategyContext } from './routing-strategy.ts'

export interface RouterRules {
  /** What becomes of a message for an unknown name: reported, or dropped and counted. */
  readonly mandatory: boolean
  /** What becomes of a message for a peer at its mark. */
  readonly onFull: 'wait' | 'reject'
  /** A newcomer takes over a routing id that is in use. */
  readonly handover: boolean
  /** Peers go by the routing id they give themselves. */
  readonly ownNames: boolean
}

export class RouterStrategy implements RoutingStrategy {
  readonly leastParts = 2
  protected readonly context: StrategyContext
  readonly #rules: RouterRules
  readonly #names = new Names()
  readonly #in = new FairQueue()

  constructor(context: StrategyContext, rules: RouterRules) {
    this.context = context
    this.#rules = rules
  }

  refuses(peer: Peer): string | undefined {
    const name = this.#givenName(peer)
    if (name === undefined || this.#rules.handover || this.#names.pipe(name) === undefined) return undefined
    return `the routing id 0x${Buffer.from(name).toString('hex')} is in use by another peer`
  }

  attach(pipe: Pipe): void {
    const name = this.#givenName(pipe.peer!)
    const former = name === undefined ? undefined : this.#names.pipe(name)
    this.#names.add(pipe, name)
    if (former !== undefined) this.context.violated(former, 'a newcomer took over the routing id')
  }

  detach(pipe: Pipe): void {
    this.#names.delete(pipe)
    for (const _ of pipe.reclaim()) this.context.dropped('no-peer', pipe)
  }

  nameOf(pipe: Pipe): Uint8Array {
    return this.#names.name(pipe)!
  }

  readable(pipe: Pipe): void {
    this.#in.readable(pipe)
  }

  send(message: Message): Sent {
    const parts = partsOf(message)
    const pipe = this.#names.pipe(parts[0]!)
    if (pipe?.offer(messageOf(parts.slice(1))) === true) return 'taken'
    if (pipe !== undefined && this.#rules.onFull === 'wait') return pipe
    if (this.#rules.mandatory) return pipe === undefined ? 'unroutable' : 'refused'
    this.context.dropped(pipe === undefined ? 'no-peer' : 'high-water-mark', pipe)
    return 'taken'
  }

  receive(): Message | undefined {
    const message = this.#in.receive()
    return message === undefined ? undefined : [this.#names.name(this.#in.last!)!, ...partsOf(message)]
  }

  #givenName(peer: Peer): Uint8Array | undefined {
    return this.#rules.ownNames && peer.routingId.length > 0 ? peer.routingId : undefined
  }
}
