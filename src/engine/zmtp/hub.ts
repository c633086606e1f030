/** Where the parts of a socket meet: the signals of its pipes go to its strategy, and from there to those who wait. */
import { ProtocolError } from '../../errors.ts'
import type { Message } from '../../message.ts'
import type { Peer } from '../../peer.ts'
import type { Pipe, PipeOwner } from '../../queue/pipe.ts'
import type { Stamp } from '../../queue/stamp.ts'
import { TracedPipe } from '../../queue/traced-pipe.ts'
import type { DropCause, RoutingStrategy, StrategyContext } from '../../routing/routing-strategy.ts'
import { STRATEGIES } from '../../routing/strategies.ts'
import type { SocketType } from '../../socket-type.ts'
import { Conditions } from '../conditions.ts'
import { Drops } from '../drops.ts'
import type { CoreOptions } from '../engine.ts'
import { isHeard, type SocketEvents } from '../events.ts'
import { Departed } from './departed.ts'
import { type Link, Links } from './links.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import { TracedSender } from './traced-sender.ts'
import { type Taken, Tracer } from './tracer.ts'

export class Hub implements PipeOwner, StrategyContext {
  readonly options: CoreOptions
  readonly links = new Links()
  readonly departed: Departed
  readonly conditions = new Conditions()
  readonly strategy: RoutingStrategy
  readonly sender: Sender
  readonly receiver: Receiver
  readonly drops: Drops
  /** Undefined without `trace`. */
  readonly tracer: Tracer | undefined
  readonly #events: SocketEvents
  /** Set by the peering: a link without a session has ended; sessions tell of theirs themselves. */
  onEnded: ((link: Link, error: Error | undefined) => void) | undefined
  /** Set by the socket: a request's peer has gone. */
  onLost: ((message: Message) => void) | undefined
  /** Set while the socket closes: something has been written out, or has gone. */
  onLess: (() => void) | undefined

  constructor(type: SocketType, options: CoreOptions, events: SocketEvents) {
    this.options = options
    this.drops = new Drops(events)
    this.departed = new Departed(options.maxDepartedBytes, () => this.dropped('malformed', undefined))
    this.strategy = STRATEGIES[type](this)
    this.#events = events
    const { strategy } = this
    const tracer = options.trace ? new Tracer((taken, consume) => this.#arrived(taken, consume)) : undefined
    this.tracer = tracer
    this.sender = tracer ? new TracedSender(strategy, options, tracer) : new Sender(strategy, options)
    this.receiver = new Receiver(tracer?.receives(strategy) ?? strategy)
  }

  /** Messages that wait for peers or for the wire. */
  get pending(): number {
    let pending = this.strategy.returned ?? 0
    for (const link of this.links) if (!readsItself(link)) pending += link.pipe.queued
    return pending
  }

  /** Takes back what no write has begun, so that none of it goes out any more; answers how much that was. */
  abandon(): number {
    let abandoned = this.strategy.returned ?? 0
    for (const link of this.links) if (!readsItself(link)) abandoned += link.pipe.reclaim().length
    return abandoned
  }

  refuses(peer: Peer): string | undefined {
    return this.strategy.refuses?.(peer)
  }

  /** A pipe begins its life here: with its peer, or before it (early). */
  attach(link: Link): void {
    const { pipe } = link
    pipe.owner = this
    if (this.tracer !== undefined && pipe instanceof TracedPipe) pipe.tracer = this.tracer
    this.strategy.attach(pipe)
    this.#joined(link)
  }

  /** The peer of an early pipe is there. */
  opened(link: Link): void {
    this.strategy.opened?.(link.pipe)
    this.#joined(link)
  }

  /** What an inproc peer can read is its own from here on, and does not come back when that peer goes. */
  give(): void {
    for (const link of this.links) if (readsItself(link)) link.pipe.give()
  }

  /** We end a link: what the kernel takes at once still goes out, the rest is the strategy's to re-route or drop. */
  release(link: Link, error?: Error): void {
    if (readsItself(link)) link.pipe.give()
    link.pipe.close()
    this.strategy.detach(link.pipe)
    this.#leave(link, error)
  }

  // What the pipes tell.

  readable(pipe: Pipe): void {
    this.strategy.readable(pipe)
    this.receiver.deliver()
  }

  pressed(): void {}

  writable(pipe: Pipe): void {
    this.strategy.writable?.(pipe)
    this.sender.retry(pipe)
  }

  detached(pipe: Pipe): void {
    const link = this.links.get(pipe)
    if (link === undefined) return
    this.strategy.detach(pipe)
    this.#leave(link)
  }

  drained(): void {
    this.onLess?.()
  }

  // What the strategy tells.

  dropped(cause: DropCause, pipe: Pipe | undefined): void {
    if (pipe !== undefined) pipe.dropped++
    const link = pipe === undefined || this.drops.names(cause) ? undefined : this.links.get(pipe)
    this.drops.add(cause, 1, link === undefined ? undefined : this.links.reference(link))
  }

  lost(message: Message): void {
    this.onLost?.(message)
  }

  violated(pipe: Pipe, reason: string): void {
    const link = this.links.get(pipe)
    if (link === undefined) return
    const error = new ProtocolError(reason)
    if (link.session === undefined) this.release(link, error)
    else link.session.destroy(error)
  }

  subscriptionsChanged(): void {
    this.conditions.changed()
  }

  receivable(): void {
    this.receiver.deliver()
  }

  #arrived({ stamp, pipe, queue }: Taken, consume: number): void {
    if (!isHeard(this.#events, 'message:traced')) return
    const link = this.links.get(pipe)
    this.#events.emit('message:traced', {
      id: idOf(stamp),
      path: { produce: stamp.queued - stamp.produced, queue, consume },
      peer: link === undefined ? undefined : this.links.reference(link),
    })
  }

  #joined(link: Link): void {
    const { pipe } = link
    if (pipe.peer !== undefined) {
      link.name = this.strategy.nameOf?.(pipe)
      this.links.joined(link)
    }
    if (this.onLess !== undefined) {
      pipe.finish()
      this.onLess()
    }
    if (pipe.waiting > 0) this.readable(pipe)
    this.sender.retry(pipe)
    this.conditions.changed()
  }

  #leave(link: Link, error?: Error): void {
    this.links.delete(link)
    const { pipe } = link
    // What is still to be read needs no metadata.
    if (pipe.peer !== undefined) pipe.peer = { ...pipe.peer, metadata: NO_METADATA }
    this.departed.add(pipe, link.session)
    if (link.session === undefined && pipe.peer !== undefined) this.onEnded?.(link, error)
    this.sender.retry(pipe)
    this.conditions.changed()
    this.onLess?.()
  }
}

const NO_METADATA: Peer['metadata'] = new Map()

function idOf({ source, count }: Stamp): string {
  return source.toString(16).padStart(8, '0') + count.toString(16).padStart(8, '0')
}

/** An inproc peer: what it can read already is not ours any more. */
function readsItself(link: Link): boolean {
  return link.session === undefined && link.pipe.peer !== undefined
}
