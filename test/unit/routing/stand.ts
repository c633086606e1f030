/** A strategy with pipes around it and no engine: what the hub of an engine does, and nothing more. */
import type { Message } from '../../../src/message.ts'
import { messageOf, partsOf } from '../../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../../src/options.ts'
import type { Peer } from '../../../src/peer.ts'
import { Pipe, type PipeOwner } from '../../../src/queue/pipe.ts'
import type { RoutingStrategy, StrategyContext } from '../../../src/routing/routing-strategy.ts'
import { STRATEGIES } from '../../../src/routing/strategies.ts'
import type { SocketType } from '../../../src/socket-type.ts'

export type Word = string | Uint8Array

/** A string is a message of one part, a list one of several. */
export function message(...words: readonly Word[]): Message {
  return messageOf(words.map(word => Buffer.from(word as string)))
}

export function words(given: Message | undefined): string[] | undefined {
  return given === undefined ? undefined : partsOf(given).map(part => Buffer.from(part).toString('latin1'))
}

export function peerOf(socketType: SocketType, routingId = ''): Peer {
  return {
    socketType,
    routingId: Buffer.from(routingId),
    address: 'tcp://127.0.0.1:1',
    metadata: new Map(),
    protocol: '3.1',
    userId: undefined,
  }
}

interface Joining {
  readonly routingId?: string
  /** Messages that may wait for this peer. */
  readonly mark?: number
}

/** The far end of one pipe, as a peer would use it. */
export class Far implements PipeOwner {
  readonly near: Pipe
  readonly pipe: Pipe

  constructor(owner: PipeOwner, mark: number) {
    const marks = { messages: mark, bytes: Infinity }
    ;[this.near, this.pipe] = Pipe.pair(owner, this, marks, { messages: 1000, bytes: Infinity })
  }

  /** What waits here, in order; its credit goes back. */
  take(): string[][] {
    const all: string[][] = []
    for (let next = words(this.pipe.take()); next !== undefined; next = words(this.pipe.take()))
      all.push(next)
    return all
  }

  takeOne(): string[] | undefined {
    return words(this.pipe.take())
  }

  say(...given: readonly Word[]): void {
    this.pipe.push(message(...given))
  }

  leave(): void {
    this.pipe.close()
  }

  readable(): void {}
  pressed(): void {}
  writable(): void {}
  detached(): void {}
  drained(): void {}
}

export class Stand implements PipeOwner, StrategyContext {
  readonly options: SocketOptions
  readonly strategy: RoutingStrategy
  readonly log: string[] = []

  constructor(type: SocketType, options: Partial<SocketOptions> = {}) {
    this.options = completeOptions(options)
    this.strategy = STRATEGIES[type](this)
  }

  /** A peer whose handshake is over. */
  join(type: SocketType, { routingId = '', mark = 1000 }: Joining = {}): Far {
    const far = new Far(this, mark)
    far.near.peer = peerOf(type, routingId)
    this.strategy.attach(far.near)
    if (far.near.waiting > 0) this.readable(far.near)
    return far
  }

  /** A pipe for a peer that is to come. */
  reserve(mark = 1000): Far {
    const far = new Far(this, mark)
    this.strategy.attach(far.near)
    return far
  }

  /** The peer of a reserved pipe is there. */
  open(far: Far, type: SocketType, routingId = ''): void {
    far.near.peer = peerOf(type, routingId)
    this.strategy.opened!(far.near)
  }

  send(...given: readonly Word[]) {
    return this.strategy.send!(message(...given))
  }

  receive(): string[] | undefined {
    return words(this.strategy.receive!())
  }

  receiveAll(): string[][] {
    const all: string[][] = []
    for (let next = this.receive(); next !== undefined; next = this.receive()) all.push(next)
    return all
  }

  readable(pipe: Pipe): void {
    this.strategy.readable(pipe)
  }

  pressed(): void {}

  writable(pipe: Pipe): void {
    this.log.push('writable')
    this.strategy.writable?.(pipe)
  }

  detached(pipe: Pipe): void {
    this.strategy.detach(pipe)
  }

  drained(): void {}

  dropped(cause: string): void {
    this.log.push(`dropped: ${cause}`)
  }

  lost(given: Message): void {
    this.log.push(`lost: ${words(given)!.join()}`)
  }

  violated(pipe: Pipe, reason: string): void {
    this.log.push(`violated: ${reason}`)
    pipe.close()
    this.strategy.detach(pipe)
  }

  subscriptionsChanged(): void {}

  receivable(): void {
    this.log.push('receivable')
  }
}
