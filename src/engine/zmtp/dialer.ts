/** Keeps one peer connected: dials its addresses in turn, waits while the peer lives, pauses, dials again, until it is stopped. */
import { after, type Dialling, type DiallingOwner } from '../../dialling.ts'
import { ProtocolError, TimeoutError } from '../../errors.ts'
import { fairTimeout } from '../../fair-timeout.ts'
import type { Origin, Peer } from '../../peer/peer.ts'
import type {
  ByteTransport,
  Connection,
  InprocAccept,
  InprocAnswer,
  Transport,
} from '../../transport/transport.ts'
import { Backoff } from '../backoff.ts'
import { isFatal } from './entry-checks.ts'
import type { SocketCore } from './socket-core.ts'

/** What a dialer asks of its socket's endpoints. */
export interface DialerEndpoints {
  /** What must be there before the first attempt. */
  readonly prepared: Promise<void> | undefined
  /** Throws `AddressError`. */
  transport(endpoint: string): Transport
  /** Moves the dialer from the address it has to another; false when another dialer has that one. */
  move(dialer: Dialer, to: string): boolean
  disconnect(endpoint: string): void
}

export class Dialer implements Origin, Dialling {
  readonly accepts = false
  readonly #core: SocketCore
  readonly #endpoints: DialerEndpoints
  readonly #owner: DiallingOwner | undefined
  readonly #backoff: Backoff
  #addresses: readonly string[]
  /** The latest; undefined once dialling has stopped. */
  #attempt: AbortController | undefined = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #peer: Peer
  #met = false
  failing = false

  /** Begins with the first address, which is the dialer's already. */
  constructor(
    core: SocketCore,
    endpoints: DialerEndpoints,
    addresses: readonly string[],
    owner?: DiallingOwner,
  ) {
    const { reconnectInterval, reconnectIntervalMax } = core.options
    this.#core = core
    this.#endpoints = endpoints
    this.#owner = owner
    this.#addresses = addresses
    this.#backoff = new Backoff(reconnectInterval, reconnectIntervalMax)
    this.#peer = core.peers.create(addresses[0]!, this)
  }

  get endpoint(): string {
    return this.#peer.endpoint
  }

  /** The one that is dialled, or connected. */
  get peer(): Peer {
    return this.#peer
  }

  get live(): boolean {
    return this.#peer.phase === 'ready'
  }

  start(): void {
    this.#core.expect(this.#peer)
    void this.#dial()
  }

  update(addresses: readonly string[]): void {
    this.#addresses = addresses
    const { phase } = this.#peer
    // Of one that has just ended the next attempt is about to be made.
    const underWay = phase === 'connecting' || phase === 'handshaking'
    if (this.#attempt === undefined || !underWay || addresses.includes(this.endpoint)) return
    this.#backoff.reset()
    if (this.#peer.phase === 'handshaking') this.#peer.session!.destroy()
    else this.#dialNext()
  }

  disconnect(): void {
    // Else the socket is closed, or its user has disconnected the address.
    if (this.#attempt !== undefined) this.#endpoints.disconnect(this.endpoint)
  }

  /** Idempotent. What waits for the peer goes back to the socket. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#attempt?.abort(STOPPED)
    this.#attempt = undefined
    this.#letGo()
  }

  joining(): void {
    this.#backoff.reset()
    this.failing = false
    if (this.#met) this.#core.peers.reconnections++
    this.#met = true
    this.#owner?.changed()
  }

  failed(_peer: Peer, error: Error | undefined): void {
    if (this.#peer.phase === 'handshaking') this.#peer.retry()
    if (this.#attempt === undefined) return
    this.failing = true
    this.#pause(error, false)
    this.#owner?.changed()
  }

  ended(_peer: Peer, error: Error | undefined): void {
    if (this.#attempt !== undefined) this.#pause(error, true)
    this.#owner?.changed()
  }

  /** On to the first of the other addresses that no other dialer has. */
  #dialNext(): void {
    const next = after(this.endpoint, this.#addresses).find(other => this.#endpoints.move(this, other))
    if (next !== undefined) this.#peer.endpoint = next
    void this.#dial()
  }

  async #dial(): Promise<void> {
    clearTimeout(this.#timer)
    this.#attempt?.abort(STOPPED)
    const attempt = new AbortController()
    this.#attempt = attempt
    const { prepared } = this.#endpoints
    let connection: Connection
    try {
      if (prepared !== undefined) await prepared
      const transport = this.#endpoints.transport(this.endpoint)
      if (transport.kind === 'queues') {
        // In this very call, if it can be. Such a peer is held by the marks of its own queues.
        transport.dial(this.endpoint, accept => this.#meet(accept), attempt.signal)
        return
      }
      await this.#core.departed.room(attempt.signal)
      if (attempt !== this.#attempt) return
      connection = await this.#connection(transport, attempt)
    } catch (error) {
      if (attempt === this.#attempt) this.failed(this.#peer, error as Error)
      return
    }
    if (attempt === this.#attempt)
      this.#core.events.emit('connect', { endpoint: this.endpoint, address: connection.remote })
    // Whoever listens to the event may have let go of the endpoint.
    if (attempt === this.#attempt) this.#core.shake(this.#peer, connection)
    else connection.destroy()
  }

  async #connection(transport: ByteTransport, attempt: AbortController): Promise<Connection> {
    const { connectTimeout, unref } = this.#core.options
    const late = () => attempt.abort(new TimeoutError(`no connection within ${connectTimeout} ms`))
    const timer = connectTimeout === Infinity ? undefined : fairTimeout(late, connectTimeout)
    if (unref) timer?.unref()
    try {
      return await transport.dial(this.endpoint, attempt.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** A socket of this process listens at the endpoint: we hand over our end, and get its own. */
  #meet(accept: InprocAccept): void {
    const core = this.#core
    const peer = this.#peer
    let answer: InprocAnswer
    try {
      answer = accept(core.endOf(peer))
    } catch (error) {
      core.refused(peer, this.endpoint, error as Error)
      return
    }
    const identity = { ...answer.identity, address: this.endpoint }
    const objection = core.checks.refuses(this, identity)
    if (objection !== undefined || peer.phase !== 'connecting') {
      answer.partner.left()
      if (objection !== undefined)
        core.refused(peer, this.endpoint, new ProtocolError(objection, { fatal: true }))
      return
    }
    core.join(peer, identity, answer.partner)
    // Whoever listens at either end may have let go of the other.
    if (!answer.join()) core.left(peer)
  }

  /**
   * Where a connection was lost the same address is tried first. Refused for good, we go on slowly and let nothing wait for
   * this peer: it may come back as another.
   */
  #pause(error: Error | undefined, lost: boolean): void {
    const fatal = isFatal(error)
    if (fatal || this.#peer.phase === 'ended') {
      this.#letGo()
      this.#peer = this.#core.peers.create(this.endpoint, this)
    }
    if (!fatal) this.#core.expect(this.#peer)
    const count = lost ? 1 : this.#addresses.length
    const delay = fatal ? this.#backoff.last(count) : this.#backoff.next(count)
    this.#timer = setTimeout(() => {
      if (lost && this.#addresses.includes(this.endpoint)) void this.#dial()
      else this.#dialNext()
    }, delay)
    const { events, options } = this.#core
    if (options.unref) this.#timer.unref()
    const { attempt } = this.#backoff
    events.emit('connect:retry', { endpoint: this.endpoint, attempt, delay, error })
  }

  /** Of a peer that has not joined. */
  #letGo(): void {
    const peer = this.#peer
    if (peer.phase === 'handshaking') peer.session!.destroy()
    if (peer.phase === 'connecting') this.#core.leave(peer)
  }
}

const STOPPED = new Error('dialling was stopped')
