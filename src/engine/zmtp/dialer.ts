/** Keeps one connected endpoint connected: dials, waits while the peer lives, pauses, dials again, until it is stopped. */
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
import { Backoff } from './backoff.ts'
import { isFatal } from './entry-checks.ts'
import type { SocketCore } from './socket-core.ts'

export class Dialer implements Origin {
  readonly accepts = false
  readonly endpoint: string
  readonly #core: SocketCore
  readonly #transport: Transport
  readonly #backoff: Backoff
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #peer: Peer
  #met = false

  constructor(core: SocketCore, endpoint: string, transport: Transport) {
    const { reconnectInterval, reconnectIntervalMax } = core.options
    this.#core = core
    this.endpoint = endpoint
    this.#transport = transport
    this.#backoff = new Backoff(reconnectInterval, reconnectIntervalMax)
    this.#peer = core.peers.create(endpoint, this)
  }

  /** The one that is dialled, or connected. */
  get peer(): Peer {
    return this.#peer
  }

  /** `prepared`: what must be there before the first attempt. */
  start(prepared: Promise<void> | undefined): void {
    this.#core.expect(this.#peer)
    if (prepared === undefined) void this.#dial()
    else {
      prepared.then(
        () => this.#dial(),
        error => this.#pause(error),
      )
    }
  }

  /** Idempotent. What waits for the peer goes back to the socket. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#stopped.abort(STOPPED)
    this.#letGo()
  }

  joining(): void {
    this.#backoff.reset()
    if (this.#met) this.#core.peers.reconnections++
    this.#met = true
  }

  failed(_peer: Peer, error: Error | undefined): void {
    if (this.#peer.phase === 'handshaking') this.#peer.retry()
    this.#pause(error)
  }

  ended(_peer: Peer, error: Error | undefined): void {
    this.#pause(error)
  }

  async #dial(): Promise<void> {
    const { signal } = this.#stopped
    const transport = this.#transport
    // A peer within the process is held by the marks of its own queues.
    if (transport.kind === 'bytes') await this.#core.departed.room(signal)
    if (signal.aborted) return
    if (transport.kind === 'queues') {
      transport.dial(this.endpoint, accept => this.#meet(accept), signal)
      return
    }
    let connection: Connection
    try {
      connection = await this.#connection(transport)
    } catch (error) {
      this.#pause(error as Error)
      return
    }
    if (!signal.aborted)
      this.#core.events.emit('connect', { endpoint: this.endpoint, address: connection.remote })
    // Whoever listens to the event may have let go of the endpoint.
    if (signal.aborted) connection.destroy()
    else this.#core.shake(this.#peer, connection)
  }

  async #connection(transport: ByteTransport): Promise<Connection> {
    const { connectTimeout, unref } = this.#core.options
    const attempt = new AbortController()
    const stop = () => attempt.abort(STOPPED)
    this.#stopped.signal.addEventListener('abort', stop)
    const late = () => attempt.abort(new TimeoutError(`no connection within ${connectTimeout} ms`))
    const timer = connectTimeout === Infinity ? undefined : fairTimeout(late, connectTimeout)
    if (unref) timer?.unref()
    try {
      return await transport.dial(this.endpoint, attempt.signal)
    } finally {
      clearTimeout(timer)
      this.#stopped.signal.removeEventListener('abort', stop)
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
    if (objection === undefined) core.join(peer, identity, answer.partner)
    else {
      answer.partner.left()
      core.refused(peer, this.endpoint, new ProtocolError(objection, { fatal: true }))
      return
    }
    // Whoever listens at either end may have let go of the other.
    if (!answer.join()) core.left(peer)
  }

  /** Refused for good, we go on slowly and let nothing wait for this peer: it may come back as another. */
  #pause(error: Error | undefined): void {
    if (this.#stopped.signal.aborted) return
    const fatal = isFatal(error)
    if (fatal || this.#peer.phase === 'ended') {
      this.#letGo()
      this.#peer = this.#core.peers.create(this.endpoint, this)
    }
    if (!fatal) this.#core.expect(this.#peer)
    const delay = fatal ? this.#backoff.last() : this.#backoff.next()
    this.#timer = setTimeout(() => void this.#dial(), delay)
    const { events, options } = this.#core
    if (options.unref) this.#timer.unref()
    events.emit('connect:retry', { endpoint: this.endpoint, attempt: this.#backoff.attempt, delay, error })
  }

  /** Of a peer that has not joined. */
  #letGo(): void {
    const peer = this.#peer
    if (peer.phase === 'handshaking') peer.session!.destroy()
    if (peer.phase === 'connecting') this.#core.leave(peer)
  }
}

const STOPPED = new Error('dialling was stopped')
