/** The peers of a socket: what stands on each, and the sums over all of them, those that have gone included. */
import { EMPTY_FRAME } from '../../message.ts'
import { delayOf } from '../../queue/delays.ts'
import type { Pipe } from '../../queue/pipe.ts'
import type { Session } from '../../session/session.ts'
import type { SocketType } from '../../socket-type.ts'
import type { PeerInfo, PeerState, SocketStats, Traffic } from '../engine.ts'
import type { PeerReference } from '../events.ts'
import type { Dialer } from './dialer.ts'
import { traceOf } from './traces.ts'

/** One pipe of a socket, from attach to detach. */
export interface Link {
  readonly id: number
  /** The endpoint bound or connected here. */
  readonly endpoint: string
  readonly pipe: Pipe
  /** Undefined for inproc, and before the connection is there. */
  session: Session | undefined
  /** Who dialled it; undefined for a peer that came to us. */
  readonly dialer: Dialer | undefined
  /** The name a ROUTER has given the peer. */
  name: Uint8Array | undefined
}

const NOTHING: Required<{ [Key in keyof Traffic]: number }> = {
  queued: 0,
  queuedBytes: 0,
  waiting: 0,
  sent: 0,
  sentBytes: 0,
  received: 0,
  receivedBytes: 0,
  dropped: 0,
}

export class Links {
  readonly #links = new Map<Pipe, Link>()
  /** Those whose handshake is over. */
  readonly #connected = new Set<Link>()
  #counter = 0
  /** Traffic of the links that have gone. */
  #past = NOTHING
  possiblyLost = 0
  reconnections = 0

  add(pipe: Pipe, endpoint: string, dialer: Dialer | undefined): Link {
    const link: Link = { id: ++this.#counter, endpoint, pipe, dialer, session: undefined, name: undefined }
    this.#links.set(pipe, link)
    return link
  }

  /** The link's handshake is over. */
  joined(link: Link): void {
    this.#connected.add(link)
  }

  delete(link: Link): void {
    this.#connected.delete(link)
    if (!this.#links.delete(link.pipe)) return
    const traffic = trafficOf(link.pipe)
    this.#past = sum(this.#past, { ...traffic, queued: 0, queuedBytes: 0, waiting: 0 })
  }

  get(pipe: Pipe): Link | undefined {
    return this.#links.get(pipe)
  }

  [Symbol.iterator](): IterableIterator<Link> {
    return this.#links.values()
  }

  get connected(): Link[] {
    return [...this.#connected]
  }

  get connectedCount(): number {
    return this.#connected.size
  }

  reference(link: Link): PeerReference {
    const peer = link.pipe.peer
    return {
      id: link.id,
      address: peer?.address ?? link.endpoint,
      socketType: peer?.socketType as SocketType,
      routingId: link.name ?? peer?.routingId ?? EMPTY_FRAME,
      userId: peer?.userId,
    }
  }

  info(link: Link): PeerInfo {
    return {
      ...this.reference(link),
      endpoint: link.endpoint,
      metadata: link.pipe.peer?.metadata ?? new Map(),
      protocol: link.pipe.peer?.protocol ?? '',
      roundTrip: link.session?.coverage.roundTrip,
      state: stateOf(link.pipe),
      marks: { send: link.pipe.sendMarks, receive: link.pipe.receiveMarks },
      sendDelay: delayOf(link.pipe.sendDelays),
      receiveDelay: delayOf(link.pipe.receiveDelays),
      traffic: trafficOf(link.pipe),
      trace: traceOf(link.pipe),
    }
  }

  /** Everything but what is counted elsewhere: drops. */
  stats(): Omit<SocketStats, 'dropped' | 'invalid' | 'trace' | 'departed'> {
    let total = this.#past
    const links = [...this.#links.values()]
    for (const link of links) total = sum(total, trafficOf(link.pipe))
    return {
      traffic: total,
      possiblyLost: this.possiblyLost,
      reconnections: this.reconnections,
      sendDelay: delayOf(links.flatMap(({ pipe }) => pipe.sendDelays)),
      receiveDelay: delayOf(links.flatMap(({ pipe }) => pipe.receiveDelays)),
      peers: links.map(link => this.info(link)),
    }
  }
}

function stateOf(pipe: Pipe): PeerState {
  if (pipe.peer === undefined) return 'connecting'
  if (pipe.full) return 'full'
  return pipe.holding ? 'paused' : 'ready'
}

function trafficOf(pipe: Pipe): typeof NOTHING {
  const { queued, queuedBytes, waiting, sent, sentBytes, received, receivedBytes, dropped } = pipe
  return { queued, queuedBytes, waiting, sent, sentBytes, received, receivedBytes, dropped }
}

function sum(a: typeof NOTHING, b: typeof NOTHING): typeof NOTHING {
  const total = { ...a }
  for (const key of Object.keys(a) as (keyof typeof NOTHING)[]) total[key] += b[key]
  return total
}
