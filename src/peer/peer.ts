/** One peer of one socket, from the first dial or accept to its end. */
import type { PeerIdentity } from '../peer-identity.ts'
import { PathTimes } from '../queue/path-times.ts'
import type { Queue } from '../queue/queue.ts'
import { NOBODY, type QueueReader, type QueueWriter } from '../queue/queue-ends.ts'
import type { PeerClock } from '../queue/stamp.ts'

/** What a peer's connection can do for its socket. A peer within the process has none. */
export interface PeerSession {
  /** The endpoint of the other end. */
  readonly address: string
  /** Milliseconds of the last answered PING. */
  readonly roundTrip: number | undefined
  /** The peer waits for us, not we for it: its handshake may take as long as it takes until `resumeHandshake`. */
  suspendHandshake(): void
  /** The time for the rest of the handshake begins now. */
  resumeHandshake(): void
  /** Bytes that had arrived when the connection ended, and are not decoded. */
  readonly left: number
  /** Decodes of these what there is room for. Returns what the peer did wrong in it, after which nothing is left. */
  readLeft(): Error | undefined
  /** Resolves once the peer has everything that is in its queue now. */
  sync(): Promise<void>
  /** The socket is done with the peer: what is being written still goes out, what arrives is discarded, except PONGs. */
  release(): void
  /** Ends after so many milliseconds, unless it has ended by then. */
  destroyAfter(delay: number): void
  /** Ends at once. Idempotent. */
  destroy(error?: Error): void
}

/** The socket at the other end of a pair of queues within the process. */
export interface Partner {
  /** We have let go. Whether it had joined. */
  left(): boolean
}

/** Where a peer comes from: an endpoint that is dialled, or one that is listened on. */
export interface Origin {
  /** Whether peers come to us here. */
  readonly accepts: boolean
  /** The peer is about to join the socket. */
  joining(peer: Peer): void
  /** It has not come so far. */
  failed(peer: Peer, error: Error | undefined): void
  /** A peer that had joined has ended. */
  ended(peer: Peer, error: Error | undefined): void
}

/** The socket, as its peers tell it what their queues say. Plain calls. */
export interface PeerOwner {
  /** There is something to read where there was nothing. */
  readable(peer: Peer): void
  /** Room again after a message was refused. */
  writable(peer: Peer): void
  /** All that was written has left, after the queue was finished. */
  drained(): void
  /** The other socket, within the process, has let go. */
  left(peer: Peer): void
}

/**
 * connecting <--> handshaking --> ready --> draining --> ended
 *     \--------------------------^        past the handshake: within the process
 * and from each of them to ended at once; back to connecting, where messages go on waiting, when a handshake has failed
 */
export type PeerPhase = 'connecting' | 'handshaking' | 'ready' | 'draining' | 'ended'

const MOVES: Readonly<Record<PeerPhase, readonly PeerPhase[]>> = {
  connecting: ['handshaking', 'ready', 'ended'],
  handshaking: ['connecting', 'ready', 'ended'],
  ready: ['draining', 'ended'],
  draining: ['ended'],
  ended: [],
}

const NO_METADATA: PeerIdentity['metadata'] = new Map()

export class Peer implements QueueWriter, QueueReader, Partner {
  /** Unique within the socket. */
  readonly id: number
  /** The endpoint that was bound or connected here; of several addresses the one that is tried, or stands. */
  endpoint: string
  readonly origin: Origin
  readonly outgoing: Queue
  readonly incoming: Queue
  /** Whether the socket's strategy knows it. */
  attached = false
  /** The name a ROUTER has given it. */
  name: Uint8Array | undefined
  /** Whether it stands in the turn of a fair queue; kept by that queue. */
  inTurn = false
  /** Messages from or for it that were dropped; whoever drops counts. */
  dropped = 0
  /** Messages that have left for it, and whose arrival no answered PING has shown. */
  uncovered = 0
  /** What is measured of its messages, where the socket traces. */
  readonly times: PathTimes | undefined
  /** Its clock, where it traces too. */
  clock: PeerClock | undefined
  readonly #owner: PeerOwner
  #phase: PeerPhase = 'connecting'
  #identity: PeerIdentity | undefined
  #session: PeerSession | undefined
  #partner: Partner | undefined

  constructor(id: number, endpoint: string, origin: Origin, owner: PeerOwner, queues: PeerQueues) {
    this.id = id
    this.endpoint = endpoint
    this.origin = origin
    this.#owner = owner
    this.outgoing = queues.outgoing
    this.incoming = queues.incoming
    this.outgoing.writer = this
    this.incoming.reader = this
    const { stamps } = this.outgoing
    if (stamps === undefined) return
    this.times = new PathTimes()
    stamps.sent.push(this.times)
  }

  get phase(): PeerPhase {
    return this.#phase
  }

  /** Undefined until it is ready; it stays when the peer has ended. */
  get identity(): PeerIdentity | undefined {
    return this.#identity
  }

  /** Undefined while there is no connection, and within the process. */
  get session(): PeerSession | undefined {
    return this.#session
  }

  /** Within the process: the other socket reads and writes these very queues. */
  get partner(): Partner | undefined {
    return this.#partner
  }

  /** A connection stands. */
  shake(session: PeerSession): void {
    this.#move('handshaking')
    this.#session = session
  }

  /** The handshake has led to nothing; another attempt follows. */
  retry(): void {
    this.#move('connecting')
    this.#session = undefined
  }

  /** Its name is known: it may join. `partner`: of one within the process. */
  introduce(identity: PeerIdentity, partner?: Partner): void {
    this.#move('ready')
    this.#identity = identity
    this.#partner = partner
  }

  /** Nothing more is written to it, and what it sends is not read. What it had sent can still be taken. */
  release(): void {
    const draining = this.#phase === 'ready' && this.#session !== undefined
    this.#move(draining ? 'draining' : 'ended')
    this.#close()
  }

  /** Its connection has ended. */
  end(): void {
    this.#move('ended')
    this.#session = undefined
    this.#close()
  }

  // What its queues tell.

  readable(): void {
    // Who it is comes first: some of what it says may be here before.
    if (this.#identity !== undefined) this.#owner.readable(this)
  }

  pressed(): void {}

  writable(): void {
    this.#owner.writable(this)
  }

  drained(): void {
    this.#owner.drained()
  }

  // What its partner tells.

  left(): boolean {
    const joined = this.#phase === 'ready'
    this.#owner.left(this)
    return joined
  }

  #move(to: PeerPhase): void {
    if (!MOVES[this.#phase].includes(to)) throw new Error(`a peer moves from ${this.#phase} to ${to}`)
    this.#phase = to
  }

  #close(): void {
    this.outgoing.close()
    this.incoming.close()
    this.outgoing.reader = NOBODY
    this.#partner = undefined
    // What is still to be read needs no metadata.
    if (this.#identity !== undefined) this.#identity = { ...this.#identity, metadata: NO_METADATA }
  }
}

export interface PeerQueues {
  readonly outgoing: Queue
  readonly incoming: Queue
}
