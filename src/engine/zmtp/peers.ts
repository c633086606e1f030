/** The peers of a socket, from the first dial or accept to their ends, and the sums over all of them, those that have gone included. */
import { type Origin, Peer, type PeerOwner } from '../../peer/peer.ts'
import { delayOf } from '../../queue/delays.ts'
import { Queue } from '../../queue/queue.ts'
import type { Marks } from '../../queue/queue-ends.ts'
import { Stamps } from '../../queue/stamps.ts'
import type { InprocEnd } from '../../transport/transport.ts'
import type { CoreOptions, SocketStats } from '../engine.ts'
import { infoOf, trafficOf, type WholeTraffic } from './peer-info.ts'
import type { Tracer } from './tracer.ts'

const NOTHING: WholeTraffic = {
  queued: 0,
  queuedBytes: 0,
  waiting: 0,
  sent: 0,
  sentBytes: 0,
  received: 0,
  receivedBytes: 0,
  dropped: 0,
}

export class Peers {
  readonly #owner: PeerOwner
  readonly #options: CoreOptions
  readonly #tracer: Tracer | undefined
  /** Until they have ended: those that are being dialled, shake hands or drain included. */
  readonly #all = new Set<Peer>()
  /** Those that the socket's strategy knows. */
  readonly #attached = new Set<Peer>()
  readonly #ready = new Set<Peer>()
  #counter = 0
  /** Traffic of the peers that have gone. */
  #past: WholeTraffic = NOTHING
  possiblyLost = 0
  reconnections = 0

  constructor(owner: PeerOwner, options: CoreOptions, tracer: Tracer | undefined) {
    this.#owner = owner
    this.#options = options
    this.#tracer = tracer
  }

  /** A peer that is dialled, or comes to us over a wire. */
  create(endpoint: string, origin: Origin): Peer {
    const outgoing = new Queue(sendMarks(this.#options), this.#tracer && new Stamps())
    const incoming = new Queue(receiveMarks(this.#options), this.#tracer && new Stamps())
    return this.#peer(endpoint, origin, outgoing, incoming)
  }

  /** A peer within the process, which has brought its queues. */
  adopt(endpoint: string, origin: Origin, { outgoing: incoming, incoming: outgoing }: InprocEnd): Peer {
    outgoing.widen(sendMarks(this.#options))
    incoming.widen(receiveMarks(this.#options))
    return this.#peer(endpoint, origin, outgoing, incoming)
  }

  attached(peer: Peer): void {
    this.#attached.add(peer)
  }

  ready(peer: Peer): void {
    this.#ready.add(peer)
  }

  /** The strategy is done with it; it may drain. */
  detached(peer: Peer): void {
    this.#ready.delete(peer)
    if (!this.#attached.delete(peer)) return
    this.#past = sum(this.#past, { ...trafficOf(peer), queued: 0, queuedBytes: 0, waiting: 0 })
  }

  delete(peer: Peer): void {
    this.#all.delete(peer)
  }

  get count(): number {
    return this.#all.size
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /** A copy: whatever is done to a peer may end it. */
  get all(): Peer[] {
    return [...this.#all]
  }

  get listReady(): Peer[] {
    return [...this.#ready]
  }

  get listAttached(): Peer[] {
    return [...this.#attached]
  }

  stats(): Omit<SocketStats, 'dropped' | 'invalid' | 'trace' | 'departed'> {
    let total = this.#past
    const peers = this.listAttached
    for (const peer of peers) total = sum(total, trafficOf(peer))
    return {
      traffic: total,
      possiblyLost: this.possiblyLost,
      reconnections: this.reconnections,
      sendDelay: delayOf(peers.flatMap(({ outgoing }) => outgoing.meter.delays)),
      receiveDelay: delayOf(peers.flatMap(({ incoming }) => incoming.meter.delays)),
      peers: peers.map(infoOf),
    }
  }

  #peer(endpoint: string, origin: Origin, outgoing: Queue, incoming: Queue): Peer {
    if (this.#tracer !== undefined) outgoing.stamps?.sent.push(this.#tracer.times)
    const peer = new Peer(++this.#counter, endpoint, origin, this.#owner, { outgoing, incoming })
    this.#all.add(peer)
    return peer
  }
}

function sendMarks(options: CoreOptions): Marks {
  return { messages: options.sendHighWaterMark, bytes: options.sendHighWaterMarkBytes }
}

function receiveMarks(options: CoreOptions): Marks {
  return { messages: options.receiveHighWaterMark, bytes: options.receiveHighWaterMarkBytes }
}

function sum(a: WholeTraffic, b: WholeTraffic): WholeTraffic {
  const total: { -readonly [Key in keyof WholeTraffic]: number } = { ...a }
  for (const key of Object.keys(a) as (keyof WholeTraffic)[]) total[key] += b[key]
  return total
}
