/** Keeps one connected endpoint connected: dials, waits while the connection lives, pauses, dials again. */
import { ProtocolError, SecurityError, TimeoutError } from '../../errors.ts'
import type { SocketOptions } from '../../options.ts'
import type { Peer } from '../../peer.ts'
import type { ByteTransport, Connection, PipeTransport, Transport } from '../../transport/transport.ts'
import { Backoff } from './backoff.ts'
import type { Place } from './place.ts'

export interface DialerOwner {
  /** Who we are, to an inproc peer. */
  readonly self: Peer
  /** A place in which messages wait for the connection, or undefined where nothing may wait. */
  reserve(dialer: Dialer): Place | undefined
  /** A place nobody uses before the connection is there. */
  place(): Place
  /** Undefined when there is room for one more peer; else resolves once there is, or the signal aborts. */
  room(signal: AbortSignal): Promise<void> | undefined
  /** A byte connection stands. The owner runs a session over it and calls `ended` when that is over. */
  dialled(dialer: Dialer, connection: Connection): void
  /** An inproc peer has taken the far end. The owner calls `ended` when the pipe closes. */
  accepted(dialer: Dialer, place: Place, peer: Peer): void
  /** An inproc peer would not take us; the next attempt is announced as always. */
  refused(dialer: Dialer, error: Error): void
  /** The next attempt comes after `delay` milliseconds. */
  retrying(dialer: Dialer, attempt: number, delay: number, error: Error | undefined): void
}

/**
 * dialling --> connected --> pausing --> dialling
 *     \------------------------^
 * and from anywhere to stopped.
 */
type Phase = 'dialling' | 'connected' | 'pausing' | 'stopped'

export class Dialer {
  readonly endpoint: string
  readonly #owner: DialerOwner
  readonly #transport: Transport
  readonly #options: SocketOptions
  readonly #backoff: Backoff
  readonly #stopped = new AbortController()
  #phase: Phase = 'pausing'
  #timer: NodeJS.Timeout | undefined
  #reserved: Place | undefined
  #met = false

  constructor(owner: DialerOwner, endpoint: string, transport: Transport, options: SocketOptions) {
    this.#owner = owner
    this.endpoint = endpoint
    this.#transport = transport
    this.#options = options
    this.#backoff = new Backoff(options.reconnectInterval, options.reconnectIntervalMax)
  }

  /** `prepared`: what must be there before the first attempt. */
  start(prepared: Promise<void> | undefined): void {
    this.#reserved = this.#owner.reserve(this)
    if (prepared === undefined) void this.#dial()
    else
      prepared.then(
        () => this.#dial(),
        error => this.#pause(error),
      )
  }

  /** Hands over the reserved place, for the peer that is now there. */
  takeReserved(): Place | undefined {
    const reserved = this.#reserved
    this.#reserved = undefined
    return reserved
  }

  /** The peer is there and ready; true when it is not the first time. */
  opened(): boolean {
    this.#backoff.reset()
    const again = this.#met
    this.#met = true
    return again
  }

  /** The connection is over. */
  ended(error: Error | undefined): void {
    this.#pause(error)
  }

  /** Idempotent. What waits in the reserved pipe goes back to the socket. */
  stop(): void {
    this.#phase = 'stopped'
    clearTimeout(this.#timer)
    this.#stopped.abort(STOPPED)
    const far = this.takeReserved()?.far
    far?.close()
    // An inproc peer may have taken it already, without our having been told.
    far?.owner.detached(far)
  }

  async #dial(): Promise<void> {
    const { signal } = this.#stopped
    // An inproc peer is this process: it is held by the marks of its own pipe.
    if (this.#transport.kind === 'bytes') await this.#owner.room(signal)
    if (this.#isStopped) return
    this.#phase = 'dialling'
    let join: () => void
    try {
      join =
        this.#transport.kind === 'bytes'
          ? await this.#dialBytes(this.#transport)
          : await this.#dialPipe(this.#transport)
    } catch (error) {
      if (this.#isStopped) return
      if (this.#transport.kind === 'pipes') this.#owner.refused(this, error as Error)
      this.#pause(error as Error)
      return
    }
    // Not within `try`: what a listener of our events throws is no failed attempt.
    join()
  }

  async #dialPipe(transport: PipeTransport): Promise<() => void> {
    const place = this.#reserved ?? this.#owner.place()
    const peer = await transport.dial(this.endpoint, place.far, this.#owner.self, this.#stopped.signal)
    return () => {
      if (this.#isStopped) {
        place.near.close()
        return
      }
      this.#phase = 'connected'
      this.#reserved = undefined
      this.#owner.accepted(this, place, peer)
    }
  }

  async #dialBytes(transport: ByteTransport): Promise<() => void> {
    const { connectTimeout } = this.#options
    const attempt = new AbortController()
    const stop = () => attempt.abort(STOPPED)
    this.#stopped.signal.addEventListener('abort', stop)
    // Timers come before what the system has to tell: after a turn that took long the connection may stand already.
    const late = () =>
      setImmediate(() => attempt.abort(new TimeoutError(`no connection within ${connectTimeout} ms`)))
    const timer = connectTimeout === Infinity ? undefined : setTimeout(late, connectTimeout)
    if (this.#options.unref) timer?.unref()
    try {
      const connection = await transport.dial(this.endpoint, attempt.signal)
      return () => {
        if (this.#isStopped) {
          connection.destroy()
          return
        }
        this.#phase = 'connected'
        this.#owner.dialled(this, connection)
      }
    } finally {
      clearTimeout(timer)
      this.#stopped.signal.removeEventListener('abort', stop)
    }
  }

  /** Refused for good, we go on slowly and let nothing wait for this peer: it may come back as another. */
  #pause(error: Error | undefined): void {
    if (this.#isStopped) return
    const fatal = isFatal(error)
    if (fatal) this.takeReserved()?.far.close()
    else this.#reserved ??= this.#owner.reserve(this)
    this.#phase = 'pausing'
    const delay = fatal ? this.#backoff.last() : this.#backoff.next()
    this.#timer = setTimeout(() => void this.#dial(), delay)
    if (this.#options.unref) this.#timer.unref()
    this.#owner.retrying(this, this.#backoff.attempt, delay, error)
  }

  get #isStopped(): boolean {
    return this.#phase === 'stopped'
  }
}

const STOPPED = new Error('dialling was stopped')

/** Whether the peer has refused us for what we are, so that trying again soon cannot help. */
export function isFatal(error: Error | undefined): boolean {
  if (error instanceof ProtocolError) return error.fatal
  return error instanceof SecurityError && error.status !== 300
}
