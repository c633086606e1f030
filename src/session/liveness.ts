/** Whether a peer is alive, and when that is to be asked. */
import { TimeoutError } from '../errors.ts'
import type { SocketOptions } from '../options.ts'
import type { PeerSession } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Connection } from '../transport/transport.ts'
import { Heartbeat, type HeartbeatOwner } from './heartbeat.ts'
import type { Inbound } from './inbound.ts'
import type { Outbound } from './outbound.ts'
import type { Traffic } from './traffic.ts'

/** READY: this peer goes on sending PINGs while it does not read. libzmq cannot. */
export const BEATS_WHEN_PAUSED = 'X-TypedMQ-Beats-When-Paused'

/** What is known of a session whose peer is in. */
interface Observed {
  readonly session: Pick<PeerSession, 'destroy'>
  readonly connection: Connection
  readonly inbound: Inbound
  readonly outbound: Outbound
  readonly traffic: Traffic
}

export class Liveness implements HeartbeatOwner {
  readonly #observed: Observed
  readonly #options: SocketOptions
  /** Whether we send PINGs. */
  readonly #asks: boolean
  /** The peer says that it sends PINGs while it does not read. */
  readonly #beatsWhenPaused: boolean
  readonly #heartbeat: Heartbeat | undefined
  /** What the system had not taken of our write when it was looked at last. */
  #untaken = 0
  /** What had come then. */
  #chunks = 0

  constructor(observed: Observed, identity: PeerIdentity, options: SocketOptions) {
    const { heartbeatInterval, heartbeatTimeout, stallTimeout } = options
    this.#observed = observed
    this.#options = options
    this.#asks = observed.traffic.answersPings && heartbeatInterval !== Infinity
    this.#beatsWhenPaused = identity.metadata.has(BEATS_WHEN_PAUSED.toLowerCase())
    if (this.#asks || stallTimeout !== Infinity)
      this.#heartbeat = new Heartbeat(this, Math.min(heartbeatInterval, heartbeatTimeout, stallTimeout))
  }

  /** The system has taken the whole of a write that was blocked. */
  drained(): void {
    this.#heartbeat?.heard()
  }

  stop(): void {
    this.#heartbeat?.stop()
  }

  // What the heartbeat asks.

  /**
   * What we write to a peer that has left makes its system throw away what we have not read yet. A peer that does not
   * wait for our beats therefore gets one only when its answer would tell us something that we can read.
   */
  beat(heard: boolean): boolean {
    // Of a peer that cannot be asked only a blocked write is known, which needs no answer.
    if (!this.#asks) return true
    const { inbound, outbound, traffic } = this.#observed
    const needless = inbound.paused || (heard && traffic.delivery.uncovered === 0)
    const awaited = traffic.pinged || this.#beatsWhenPaused
    if (needless && !awaited) return false
    outbound.ping()
    return true
  }

  get patience(): number {
    const { heartbeatTimeout, stallTimeout } = this.#options
    if (this.#observed.inbound.paused) return Infinity
    if (this.#excused) return stallTimeout
    return this.#asks ? heartbeatTimeout : Infinity
  }

  /** Any byte is life. And of a long message on a slow link, behind which its PING waits, some has been taken. */
  moved(): boolean {
    const { connection, inbound } = this.#observed
    const { untaken } = connection
    const moved = untaken < this.#untaken || inbound.chunks !== this.#chunks
    this.#untaken = untaken
    this.#chunks = inbound.chunks
    return moved
  }

  silent(patience: number): void {
    const meanwhile = this.#excused ? ', with messages in flight (stallTimeout)' : ''
    this.#observed.session.destroy(new TimeoutError(`nothing heard for ${patience} ms${meanwhile}`))
  }

  /**
   * Whether the peer may be silent and alive: it does not read what we sent, and with it our PINGs. That is in the buffers
   * of the systems, if our write is not blocked.
   */
  get #excused(): boolean {
    const { outbound, traffic } = this.#observed
    if (!this.#asks) return outbound.blocked
    const { delivery } = traffic
    return delivery.uncovered > 0 && !delivery.owed && !this.#beatsWhenPaused
  }
}
