/** Reads what libzmq tells about a socket's connections, and makes peers and events of it. */
import { setTimeout as delay } from 'node:timers/promises'
import { ProtocolError, SecurityError } from '../../errors.ts'
import type { SocketEvents } from '../events.ts'
import { codeOf, type NativeEvent, type NativeSocket } from './native.ts'
import type { Peers } from './peers.ts'

/** Milliseconds; two round trips between threads. */
const LETTING_GO = 2

export interface MonitorOwner {
  /** A peer has joined, left, or is dialled again. */
  joined(endpoint: string): void
  left(endpoint: string): void
  retrying(endpoint: string): void
  /** Lets libzmq carry out what takes several steps. */
  poll(): void
}

interface MonitoredSocket {
  readonly native: NativeSocket
  readonly events: SocketEvents
  readonly peers: Peers
}

/** What is known of the connections of one endpoint: libzmq's events name no connection. */
interface EndpointState {
  dialled: boolean
  /** Connections whose handshake is not over. */
  opening: number
  /** Failed handshakes whose disconnection is still to be told. */
  failed: number
  attempts: number
  handshakes: number
}

export class Monitor {
  readonly #owner: MonitorOwner
  readonly #events: SocketEvents
  readonly #peers: Peers
  readonly #endpoints = new Map<string, EndpointState>()
  /** Endpoints that are bound and connected no more. */
  readonly #removed = new Set<string>()
  readonly #listeners = new Map<string, () => void>()
  /** Resolves when libzmq has let go of the socket: all is sent, or linger is over. */
  readonly ended: Promise<void>
  /** Connections established again after having been lost. */
  reconnections = 0

  constructor(owner: MonitorOwner, { native, events, peers }: MonitoredSocket) {
    this.#owner = owner
    this.#events = events
    this.#peers = peers
    this.ended = this.#run(native)
  }

  /** Resolves when the listener of an endpoint that was unbound has let go of its address. */
  listenerClosed(endpoint: string): Promise<void> {
    const closed = new Promise<void>(resolve => this.#listeners.set(endpoint, resolve))
    return Promise.race([closed, this.ended])
  }

  added(endpoint: string): void {
    this.#removed.delete(endpoint)
  }

  /** An endpoint was given up here: libzmq ends its connections without telling, and may still tell of new ones. */
  removed(endpoint: string): void {
    this.#removed.add(endpoint)
    this.#endpoints.delete(endpoint)
    while (this.leave(endpoint)) {}
  }

  join(endpoint: string, dialled: boolean): void {
    if (dialled && ++this.#state(endpoint).handshakes > 1) this.reconnections++
    const peer = this.#peers.add(endpoint, dialled)
    this.#events.emit('handshake', { endpoint, peer })
    this.#owner.joined(endpoint)
  }

  /** False when there was none. */
  leave(endpoint: string): boolean {
    const peer = this.#peers.remove(endpoint)
    if (peer === undefined) return false
    this.#events.emit('disconnect', { endpoint, peer, error: undefined, possiblyLost: undefined })
    this.#owner.left(endpoint)
    return true
  }

  async #run(native: NativeSocket): Promise<void> {
    const observer = native.events
    for (;;) {
      const event = await observer.receive()
      if (event === undefined || event.type === 'end') return
      if (event.type === 'disconnect') await this.#letGo()
      if (event.address !== undefined) this.#handle(event, event.address)
    }
  }

  /** libzmq tells of the end before its threads have agreed on it; until then the peer's routing id is in use. */
  async #letGo(): Promise<void> {
    this.#owner.poll()
    await delay(LETTING_GO)
    this.#owner.poll()
  }

  #handle(event: NativeEvent, endpoint: string): void {
    if (event.type === 'close') this.#closed(endpoint)
    if (this.#removed.has(endpoint)) return
    const state = this.#state(endpoint)
    switch (event.type) {
      case 'accept':
        state.opening++
        this.#events.emit('accept', { endpoint, address: undefined })
        return
      case 'connect':
        state.opening++
        state.dialled = true
        this.#events.emit('connect', { endpoint, address: endpoint })
        return
      case 'connect:retry':
        state.dialled = true
        this.#events.emit('connect:retry', {
          endpoint,
          attempt: ++state.attempts,
          delay: event.interval ?? 0,
          error: undefined,
        })
        this.#owner.retrying(endpoint)
        return
      case 'handshake':
        state.opening--
        state.attempts = 0
        this.join(endpoint, state.dialled)
        return
      case 'handshake:error:auth':
      case 'handshake:error:protocol':
      case 'handshake:error:other':
        this.#failed(event, endpoint, state)
        return
      case 'disconnect':
        this.#disconnected(endpoint, state)
    }
  }

  /** Of several connections the one in its handshake is taken to be the one that has gone. */
  #disconnected(endpoint: string, state: EndpointState): void {
    // A failed one is told as gone, too.
    if (state.failed > 0) state.failed--
    else if (state.opening > 0) this.#refused(endpoint, state)
    else this.leave(endpoint)
  }

  /** libzmq hangs up without a word when the socket types do not fit, and does not dial again. */
  #refused(endpoint: string, state: EndpointState): void {
    state.opening--
    const error = new ProtocolError('the connection ended during the handshake: do the socket types fit?')
    const address = state.dialled ? endpoint : undefined
    this.#events.emit('handshake:failed', { endpoint, address, error, fatal: true })
  }

  #closed(endpoint: string): void {
    this.#listeners.get(endpoint)?.()
    this.#listeners.delete(endpoint)
  }

  #failed(event: NativeEvent, endpoint: string, state: EndpointState): void {
    // One connection may be told to have failed twice.
    if (state.opening > 0) {
      state.opening--
      state.failed++
    }
    const error = toError(event)
    const address = state.dialled ? endpoint : undefined
    this.#events.emit('handshake:failed', {
      endpoint,
      address,
      error,
      fatal: event.type === 'handshake:error:protocol',
    })
  }

  #state(endpoint: string): EndpointState {
    let state = this.#endpoints.get(endpoint)
    if (state === undefined) {
      state = { dialled: false, opening: 0, failed: 0, attempts: 0, handshakes: 0 }
      this.#endpoints.set(endpoint, state)
    }
    return state
  }
}

/** libzmq's words for a wrong mechanism, a key that does not fit, or a refusal by the server. */
const SECURITY_CODES = ['ERR_ZMTP_MECHANISM_MISMATCH', 'ERR_ZMTP_CRYPTOGRAPHIC', 'ERR_ZMTP_KEY_EXCHANGE']

function toError({ type, error }: NativeEvent): Error {
  const { status } = error as Error & { status?: 300 | 400 | 500 }
  const code = codeOf(error) ?? status
  const words = `the handshake failed: ${error?.message ?? 'libzmq gives no reason'} (${code})`
  if (type === 'handshake:error:auth') return new SecurityError(words, { cause: error, status: status! })
  return SECURITY_CODES.includes(String(code))
    ? new SecurityError(words, { cause: error })
    : new ProtocolError(words, { cause: error })
}
