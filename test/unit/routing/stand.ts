/** A strategy with peers around it and no engine: what the core of a socket does, and nothing more. */
import { Addressed } from '../../../src/addressed.ts'
import type { Message } from '../../../src/message.ts'
import { messageOf, partsOf } from '../../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../../src/options.ts'
import { OutgoingRequest, RequestOutcome } from '../../../src/outgoing-request.ts'
import { type Origin, Peer, type PeerOwner } from '../../../src/peer/peer.ts'
import type { PeerIdentity } from '../../../src/peer-identity.ts'
import { Queue } from '../../../src/queue/queue.ts'
import type { RoutingStrategy, StrategyContext } from '../../../src/routing/routing-strategy.ts'
import { STRATEGIES } from '../../../src/routing/strategies.ts'
import type { SocketType } from '../../../src/socket-type.ts'

export type Word = string | Uint8Array

/** A string is a message of one part, a list one of several. */
export function message(...words: readonly Word[]): Message {
  return messageOf(words.map(word => Buffer.from(word as string)))
}

/** What is addressed begins with the routing id; of an outcome, its request and the answer. */
export function words(given: Message | Addressed | RequestOutcome | undefined): string[] | undefined {
  if (given === undefined) return undefined
  if (given instanceof Addressed) return words(given.whole)
  if (given instanceof RequestOutcome)
    return [words(given.request.body)!.join(), words(given.body)?.join() ?? 'lost']
  return partsOf(given).map(part => Buffer.from(part).toString('latin1'))
}

export function identityOf(socketType: SocketType, routingId = ''): PeerIdentity {
  return {
    socketType,
    routingId: Buffer.from(routingId),
    address: 'tcp://127.0.0.1:1',
    metadata: new Map(),
    protocol: '3.1',
    userId: undefined,
  }
}

export const ORIGIN: Origin = { accepts: true, joining() {}, failed() {}, ended() {} }

interface Joining {
  readonly routingId?: string
  /** Messages that may wait for this peer. */
  readonly mark?: number
}

/** A peer, and the other end of its queues as the peer itself would use them. */
export class Far {
  readonly peer: Peer
  readonly #stand: Stand

  constructor(stand: Stand, mark: number) {
    this.#stand = stand
    this.peer = new Peer(1, 'tcp://127.0.0.1:1', ORIGIN, stand, {
      outgoing: new Queue({ messages: mark, bytes: Infinity }),
      incoming: new Queue({ messages: 1000, bytes: Infinity }),
    })
  }

  /** What waits here, in order; its credit goes back. */
  take(): string[][] {
    const all: string[][] = []
    for (let next = this.takeOne(); next !== undefined; next = this.takeOne()) all.push(next)
    return all
  }

  takeOne(): string[] | undefined {
    return words(this.peer.outgoing.take())
  }

  say(...given: readonly Word[]): void {
    this.peer.incoming.push(message(...given))
  }

  leave(): void {
    this.#stand.leave(this.peer)
  }
}

export class Stand implements PeerOwner, StrategyContext {
  readonly options: SocketOptions
  readonly type: SocketType
  readonly strategy: RoutingStrategy<any, any>
  readonly log: string[] = []

  constructor(type: SocketType, options: Partial<SocketOptions> = {}) {
    this.type = type
    this.options = completeOptions(options)
    this.strategy = STRATEGIES[type](this)
  }

  /** A peer whose handshake is over. */
  join(type: SocketType, { routingId = '', mark = 1000 }: Joining = {}): Far {
    const far = new Far(this, mark)
    far.peer.introduce(identityOf(type, routingId))
    this.strategy.attach(far.peer)
    if (far.peer.incoming.unread > 0) this.readable(far.peer)
    return far
  }

  /** A peer that is to come. */
  expect(mark = 1000): Far {
    const far = new Far(this, mark)
    this.strategy.attach(far.peer)
    return far
  }

  /** The expected peer is there. */
  open(far: Far, type: SocketType, routingId = ''): void {
    far.peer.introduce(identityOf(type, routingId))
    this.strategy.ready!(far.peer)
  }

  leave(peer: Peer): void {
    if (peer.phase === 'ended') return
    peer.end()
    this.strategy.detach(peer, peer.outgoing.reclaim())
  }

  send(...given: readonly Word[]) {
    const whole = message(...given)
    if (this.type === 'REQ') return this.strategy.send!(new OutgoingRequest(whole))
    return this.strategy.send!(this.strategy.isRequester === undefined ? whole : Addressed.from(whole))
  }

  receive(): string[] | undefined {
    return words(this.strategy.receive!())
  }

  receiveAll(): string[][] {
    const all: string[][] = []
    for (let next = this.receive(); next !== undefined; next = this.receive()) all.push(next)
    return all
  }

  readable(peer: Peer): void {
    this.strategy.readable(peer)
  }

  writable(peer: Peer): void {
    this.log.push('writable')
    this.strategy.writable?.(peer)
  }

  drained(): void {}

  left(): void {}

  dropped(cause: string): void {
    this.log.push(`dropped: ${cause}`)
  }

  violated(peer: Peer, reason: string): void {
    this.log.push(`violated: ${reason}`)
    this.leave(peer)
  }

  subscriptionsChanged(): void {}

  receivable(): void {
    this.log.push('receivable')
  }
}
