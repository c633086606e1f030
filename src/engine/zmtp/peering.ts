/** How a socket comes to its peers: it binds and listens, connects and dials, and runs a session for each connection. */
import { schemeOf } from '../../endpoint.ts'
import { AddressError, ClosedError, ProtocolError, StateError } from '../../errors.ts'
import { EMPTY_FRAME } from '../../message.ts'
import type { Peer } from '../../peer.ts'
import { type Marks, Pipe, type PipeOwner } from '../../queue/pipe.ts'
import { ask } from '../../security/authenticate.ts'
import type { Credentials, Verdict } from '../../security/mechanism.ts'
import { Session, type SessionContext, type SessionEnd, type SessionOwner } from '../../session/session.ts'
import { mayTalk } from '../../socket-type.ts'
import type { Connection, Listener, Transport } from '../../transport/transport.ts'
import type { PeerReference, SocketEvents } from '../events.ts'
import { Dialer, type DialerOwner, isFatal, type Place } from './dialer.ts'
import type { Hub } from './hub.ts'
import type { Link } from './links.ts'

/** Where a session comes from, and what has become of it. */
interface Origin {
  readonly endpoint: string
  readonly dialer: Dialer | undefined
  readonly listening: Listening | undefined
  /** Ends the question to the application when the session ends. */
  readonly gone: AbortController
  peer: PeerReference | undefined
}

interface Listening {
  /** The endpoint as it was written. */
  readonly given: string
  /** Undefined while it is being bound. */
  listener: Listener | undefined
  /** Sessions whose handshake is not over, oldest first. */
  readonly handshakes: Set<Session>
}

export class Peering implements SessionOwner, DialerOwner {
  readonly #hub: Hub
  readonly #context: SessionContext
  readonly #transports: ReadonlyMap<string, Transport>
  readonly #events: SocketEvents
  readonly #dialers = new Map<string, Dialer>()
  readonly #listenings = new Set<Listening>()
  readonly #sessions = new Map<Session, Origin>()
  readonly #prepared: Promise<void> | undefined
  readonly self: Peer
  #closed = false
  /** Set while the socket closes: the last session has ended. */
  #onIdle: (() => void) | undefined

  constructor(
    hub: Hub,
    context: SessionContext,
    transports: ReadonlyMap<string, Transport>,
    events: SocketEvents,
  ) {
    this.#hub = hub
    this.#context = context
    this.#transports = transports
    this.#events = events
    hub.onEnded = (link, error) => this.#parted(link, error)
    this.#prepared = context.security.prepare?.()
    this.#prepared?.catch(() => {})
    this.self = {
      socketType: context.type,
      routingId: context.metadata.get('Identity') ?? EMPTY_FRAME,
      address: 'inproc://',
      metadata: context.metadata,
      protocol: 'inproc',
      userId: undefined,
    }
  }

  get endpoints(): readonly string[] {
    return [...this.#listenings].map(({ listener }) => listener!.endpoint)
  }

  async bind(endpoint: string, signal: AbortSignal | undefined): Promise<string> {
    const transport = this.#transport(endpoint)
    signal?.throwIfAborted()
    await this.#prepared
    const listening: Listening = { given: endpoint, listener: undefined, handshakes: new Set() }
    const listener =
      transport.kind === 'bytes'
        ? await transport.listen(endpoint, connection => this.#accept(connection, listening))
        : await transport.listen(endpoint, (far, dialler) => this.#acceptPipe(far, dialler, endpoint))
    if (this.#closed || signal?.aborted) {
      await listener.close()
      throw signal?.aborted ? signal.reason : new ClosedError()
    }
    listening.listener = listener
    this.#listenings.add(listening)
    this.#events.emit('bind', { endpoint: listener.endpoint })
    return listener.endpoint
  }

  /** Stops listening; peers that came this way stay. */
  async unbind(endpoint: string): Promise<void> {
    for (const listening of this.#listenings) {
      if (listening.given !== endpoint && listening.listener?.endpoint !== endpoint) continue
      this.#listenings.delete(listening)
      await listening.listener!.close()
      this.#events.emit('unbind', { endpoint: listening.listener!.endpoint })
      return
    }
    throw new AddressError(endpoint, `this socket is not bound to "${endpoint}"`)
  }

  connect(endpoint: string): void {
    const transport = this.#transport(endpoint)
    transport.check(endpoint)
    if (this.#dialers.has(endpoint)) throw new StateError(`this socket is connected to "${endpoint}" already`)
    const dialer = new Dialer(this, endpoint, transport, this.#hub.options)
    this.#dialers.set(endpoint, dialer)
    dialer.start(this.#prepared)
  }

  /** Stops dialling, and takes leave of the peer: what is queued for it still goes out. */
  disconnect(endpoint: string): void {
    const dialer = this.#dialers.get(endpoint)
    if (dialer === undefined)
      throw new AddressError(endpoint, `this socket is not connected to "${endpoint}"`)
    this.#dialers.delete(endpoint)
    dialer.stop()
    const { linger } = this.#hub.options
    for (const link of this.#hub.links) if (link.dialer === dialer) this.#takeLeave(link, linger)
    for (const [session, origin] of this.#sessions) {
      if (origin.dialer === dialer && origin.peer === undefined) session.destroy()
    }
  }

  /** Tells whoever has announced our endpoints that they will be gone. */
  announceEnd(): void {
    for (const endpoint of this.endpoints) this.#events.emit('unbind', { endpoint })
  }

  /** Ends everything; sessions have until then, in milliseconds, to see their peers off. */
  async close(patience: number): Promise<void> {
    this.#closed = true
    for (const dialer of this.#dialers.values()) dialer.stop()
    const listeners = [...this.#listenings].map(({ listener }) => listener!.close())
    this.#listenings.clear()
    for (const link of this.#hub.links) this.#hub.release(link)
    for (const [session, origin] of this.#sessions) if (origin.peer === undefined) session.destroy()
    if (patience > 0 && this.#sessions.size > 0) {
      await new Promise<void>(resolve => {
        const timer = patience === Infinity ? undefined : setTimeout(resolve, patience)
        this.#onIdle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const session of this.#sessions.keys()) session.destroy()
    await Promise.all(listeners)
  }

  // What the sessions ask and tell.

  refuses(peer: Peer): string | undefined {
    return this.#closed ? 'the socket is closing' : this.#hub.refuses(peer)
  }

  authenticate(session: Session, peer: Peer, credentials: Credentials): Verdict | Promise<Verdict> {
    const { signal } = this.#sessions.get(session)!.gone
    const { address, socketType } = peer
    return ask(this.#hub.options.authenticate, { ...credentials, address, socketType, signal })
  }

  opened(session: Session, peer: Peer): Pipe {
    const origin = this.#sessions.get(session)!
    const { dialer, endpoint } = origin
    origin.listening?.handshakes.delete(session)
    const reserved = dialer?.takeReserved()
    const { near, far } = reserved ?? this.place()
    near.peer = peer
    const link = this.#hub.links.get(near) ?? this.#hub.links.add(near, endpoint, dialer)
    link.session = session
    if (dialer !== undefined) {
      if (dialer.connections > 0) this.#hub.links.reconnections++
      dialer.opened()
    }
    // The session takes the far end before anything can be written to the near one.
    far.owner = session
    if (reserved === undefined) this.#hub.attach(link)
    else this.#hub.opened(link)
    origin.peer = this.#hub.links.reference(link)
    this.#events.emit('handshake', { endpoint, peer: origin.peer })
    return far
  }

  ended(session: Session, { error, possiblyLost }: SessionEnd): void {
    const origin = this.#sessions.get(session)
    if (origin === undefined) return
    this.#sessions.delete(session)
    origin.gone.abort()
    const { endpoint, peer, dialer, listening } = origin
    if (peer !== undefined) {
      this.#hub.links.possiblyLost += possiblyLost
      this.#events.emit('disconnect', { endpoint, peer, error, possiblyLost })
    } else {
      listening?.handshakes.delete(session)
      if (error !== undefined) this.#failed(endpoint, session.address, error)
    }
    dialer?.ended(error)
    if (this.#sessions.size === 0) this.#onIdle?.()
  }

  // What the dialers ask and tell.

  reserve(dialer: Dialer): Place | undefined {
    if (this.#hub.strategy.early !== true || this.#hub.options.immediate) return undefined
    const place = this.place()
    this.#hub.attach(this.#hub.links.add(place.near, dialer.endpoint, dialer))
    return place
  }

  place(): Place {
    const { options } = this.#hub
    const [near, far] = Pipe.pair(NOBODY, NOBODY, sendMarks(options), receiveMarks(options))
    return { near, far }
  }

  dialled(dialer: Dialer, connection: Connection): void {
    const { endpoint } = dialer
    this.#events.emit('connect', { endpoint, address: connection.remote })
    // Whoever listens to the event may have let go of the endpoint.
    if (this.#closed || this.#dialers.get(endpoint) !== dialer) {
      connection.destroy()
      return
    }
    this.#run(connection, {
      endpoint,
      dialer,
      listening: undefined,
      gone: new AbortController(),
      peer: undefined,
    })
  }

  accepted(dialer: Dialer, { near }: Place, peer: Peer): void {
    const { links } = this.#hub
    near.peer = peer
    const early = links.get(near)
    const link = early ?? links.add(near, dialer.endpoint, dialer)
    if (dialer.connections > 0) links.reconnections++
    dialer.opened()
    if (early === undefined) this.#hub.attach(link)
    else this.#hub.opened(link)
    this.#events.emit('handshake', { endpoint: dialer.endpoint, peer: links.reference(link) })
    // The peer may have gone before we were told of it.
    if (near.closed) this.#hub.detached(near)
  }

  refused(dialer: Dialer, error: Error): void {
    this.#failed(dialer.endpoint, dialer.endpoint, error)
  }

  retrying(dialer: Dialer, attempt: number, delay: number, error: Error | undefined): void {
    this.#events.emit('connect:retry', { endpoint: dialer.endpoint, attempt, delay, error })
  }

  #transport(endpoint: string): Transport {
    if (this.#closed) throw new ClosedError()
    const scheme = schemeOf(endpoint)
    const transport = this.#transports.get(scheme)
    if (transport !== undefined) return transport
    const known = [...this.#transports.keys()].map(name => `${name}://`).join(', ')
    throw new AddressError(endpoint, `no transport for "${endpoint}"; known are ${known}`)
  }

  #accept(connection: Connection, listening: Listening): void {
    const endpoint = listening.listener?.endpoint ?? listening.given
    this.#events.emit('accept', { endpoint, address: connection.remote })
    if (this.#closed) {
      connection.destroy()
      return
    }
    this.#run(connection, {
      endpoint,
      dialer: undefined,
      listening,
      gone: new AbortController(),
      peer: undefined,
    })
    // Who has been here longest without a word is the least likely to be honest.
    if (listening.handshakes.size <= this.#hub.options.maxHandshakes) return
    const [oldest] = listening.handshakes
    oldest!.destroy(new ProtocolError('the oldest of too many handshakes at once'))
  }

  #run(connection: Connection, origin: Origin): void {
    try {
      const session = new Session(this, this.#context, connection, origin.dialer === undefined)
      this.#sessions.set(session, origin)
      origin.listening?.handshakes.add(session)
    } catch (error) {
      connection.destroy()
      this.#failed(origin.endpoint, connection.remote, error as Error)
      origin.dialer?.ended(error as Error)
    }
  }

  /** An inproc peer hands us the far end of its pipe. */
  #acceptPipe(pipe: Pipe, dialler: Peer, endpoint: string): Peer {
    const { type } = this.#context
    const problem = mayTalk(type, dialler.socketType)
      ? this.refuses(dialler)
      : `a ${type} socket may not talk to a ${dialler.socketType} socket`
    if (problem !== undefined) {
      const error = new ProtocolError(problem, { fatal: true })
      this.#failed(endpoint, endpoint, error)
      throw error
    }
    const { options, links } = this.#hub
    pipe.widen(sendMarks(options), receiveMarks(options))
    pipe.peer = { ...dialler, address: endpoint }
    const link = links.add(pipe, endpoint, undefined)
    this.#hub.attach(link)
    this.#events.emit('handshake', { endpoint, peer: links.reference(link) })
    return { ...this.self, address: endpoint }
  }

  /** An inproc peer has gone, or we have left it: what it had not read came back. */
  #parted(link: Link, error: Error | undefined): void {
    const peer = this.#hub.links.reference(link)
    this.#events.emit('disconnect', { endpoint: link.endpoint, peer, error, possiblyLost: 0 })
    link.dialer?.ended(error)
  }

  #takeLeave(link: Link, linger: number): void {
    const { session } = link
    this.#hub.release(link)
    if (session === undefined || linger === Infinity) return
    setTimeout(() => session.destroy(), linger).unref()
  }

  #failed(endpoint: string, address: string, error: Error): void {
    this.#events.emit('handshake:failed', { endpoint, address, error, fatal: isFatal(error) })
  }
}

function sendMarks(options: Hub['options']): Marks {
  return { messages: options.sendHighWaterMark, bytes: options.sendHighWaterMarkBytes }
}

function receiveMarks(options: Hub['options']): Marks {
  return { messages: options.receiveHighWaterMark, bytes: options.receiveHighWaterMarkBytes }
}

/** Owns the ends of a pipe that nobody has taken yet. */
const NOBODY: PipeOwner = {
  readable() {},
  pressed() {},
  writable() {},
  detached() {},
  drained() {},
}
