/** How a socket comes to its peers: it binds and listens, connects and dials. */
import { schemeOf } from '../../endpoint.ts'
import { AddressError, ClosedError, ProtocolError, StateError } from '../../errors.ts'
import { EMPTY_FRAME } from '../../message.ts'
import type { Peer } from '../../peer.ts'
import type { Pipe } from '../../queue/pipe.ts'
import { SAME_CLOCK } from '../../queue/stamp.ts'
import { TracedPipe } from '../../queue/traced-pipe.ts'
import { staysLocal } from '../../security/peer-address.ts'
import type { SessionContext } from '../../session/session-owner.ts'
import { mayTalk } from '../../socket-type.ts'
import type { Connection, Transport } from '../../transport/transport.ts'
import type { SocketEvents } from '../events.ts'
import { Acceptor, type AcceptorOwner } from './acceptor.ts'
import { Capacity } from './capacity.ts'
import { Contact } from './contact.ts'
import { Dialer, type DialerOwner, isFatal } from './dialer.ts'
import type { Hub } from './hub.ts'
import type { Link } from './links.ts'
import { createPlace, type Place, receiveMarks, sendMarks } from './place.ts'

export class Peering implements AcceptorOwner, DialerOwner {
  readonly hub: Hub
  readonly context: SessionContext
  readonly events: SocketEvents
  readonly capacity: Capacity
  readonly contacts = new Set<Contact>()
  readonly self: Peer
  closed = false
  readonly #transports: ReadonlyMap<string, Transport>
  readonly #dialers = new Map<string, Dialer>()
  readonly #acceptors = new Set<Acceptor>()
  readonly #prepared: Promise<void> | undefined
  /** Whether `security:clear` has been told. */
  #warned = false
  /** Set while the socket closes: the last contact has ended. */
  #onIdle: (() => void) | undefined

  constructor(
    hub: Hub,
    context: SessionContext,
    transports: ReadonlyMap<string, Transport>,
    events: SocketEvents,
  ) {
    this.hub = hub
    this.capacity = new Capacity(hub.options.maxPeers)
    this.context = context
    this.events = events
    this.#transports = transports
    hub.onEnded = (link, error) => this.#left(link, error)
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
    return [...this.#acceptors].map(acceptor => acceptor.endpoint)
  }

  async bind(endpoint: string, signal: AbortSignal | undefined): Promise<string> {
    const transport = this.#transport(endpoint)
    signal?.throwIfAborted()
    await this.#prepared
    const acceptor = new Acceptor(this, endpoint)
    const listener =
      transport.kind === 'bytes'
        ? await transport.listen(endpoint, connection => acceptor.accept(connection))
        : await transport.listen(endpoint, (far, dialler) => this.#acceptPipe(far, dialler, endpoint))
    if (this.closed || signal?.aborted) {
      await listener.close()
      throw signal?.aborted ? signal.reason : new ClosedError()
    }
    acceptor.listening(listener)
    this.#acceptors.add(acceptor)
    this.events.emit('bind', { endpoint: acceptor.endpoint })
    this.#warnOfClear(acceptor.endpoint)
    return acceptor.endpoint
  }

  /** Stops listening; peers that came this way stay. */
  async unbind(endpoint: string): Promise<void> {
    const acceptor = [...this.#acceptors].find(one => one.given === endpoint || one.endpoint === endpoint)
    if (acceptor === undefined) throw new AddressError(endpoint, `this socket is not bound to "${endpoint}"`)
    this.#acceptors.delete(acceptor)
    await acceptor.close()
    this.events.emit('unbind', { endpoint: acceptor.endpoint })
  }

  connect(endpoint: string): void {
    const transport = this.#transport(endpoint)
    transport.check(endpoint)
    if (this.#dialers.has(endpoint)) throw new StateError(`this socket is connected to "${endpoint}" already`)
    const dialer = new Dialer(this, endpoint, transport, this.hub.options)
    this.#dialers.set(endpoint, dialer)
    dialer.start(this.#prepared)
  }

  /** Stops dialling, and takes leave of the peer: what the kernel takes at once still goes out. */
  disconnect(endpoint: string): void {
    const dialer = this.#dialers.get(endpoint)
    if (dialer === undefined)
      throw new AddressError(endpoint, `this socket is not connected to "${endpoint}"`)
    this.#dialers.delete(endpoint)
    dialer.stop()
    for (const link of this.hub.links) if (link.dialer === dialer) this.#takeLeave(link)
    for (const contact of this.contacts)
      if (contact.dialer === dialer && !contact.met) contact.session.destroy()
  }

  /** Tells whoever has announced our endpoints that they will be gone. */
  announceEnd(): void {
    for (const endpoint of this.endpoints) this.events.emit('unbind', { endpoint })
  }

  /** Ends everything; contacts have until then, in milliseconds, to see their peers off. */
  async close(patience: number): Promise<void> {
    this.closed = true
    for (const dialer of this.#dialers.values()) dialer.stop()
    const acceptors = [...this.#acceptors].map(acceptor => acceptor.close())
    this.#acceptors.clear()
    this.hub.give()
    // Both ends of an inproc pair may close in one turn: neither is to wait for the other to take back what came back.
    await undefined
    for (const link of this.hub.links) this.hub.release(link)
    for (const contact of this.contacts) if (!contact.met) contact.session.destroy()
    if (patience > 0 && this.contacts.size > 0) await this.#idle(patience)
    for (const contact of this.contacts) contact.session.destroy()
    await Promise.all(acceptors)
  }

  parted(contact: Contact): void {
    this.contacts.delete(contact)
    if (this.contacts.size === 0) this.#onIdle?.()
  }

  // What the dialers ask and tell.

  reserve(dialer: Dialer): Place | undefined {
    if (this.hub.strategy.early !== true || this.hub.options.immediate) return undefined
    const place = this.place()
    this.hub.attach(this.hub.links.add(place.near, dialer.endpoint, dialer))
    return place
  }

  place(): Place {
    return createPlace(this.hub.options)
  }

  room(signal: AbortSignal): Promise<void> | undefined {
    return this.hub.departed.room(signal)
  }

  dialled(dialer: Dialer, connection: Connection): void {
    const { endpoint } = dialer
    this.events.emit('connect', { endpoint, address: connection.remote })
    // Whoever listens to the event may have let go of the endpoint.
    if (this.closed || this.#dialers.get(endpoint) !== dialer) {
      connection.destroy()
      return
    }
    try {
      const over = (contact: Contact) => this.parted(contact)
      this.contacts.add(new Contact(this, connection, { endpoint, dialer, shaken() {}, over }))
    } catch (error) {
      connection.destroy()
      const address = connection.remote
      this.events.emit('handshake:failed', { endpoint, address, error: error as Error, fatal: false })
      dialer.ended(error as Error)
    }
  }

  accepted(dialer: Dialer, { near }: Place, peer: Peer): void {
    const { links } = this.hub
    near.peer = peer
    const early = links.get(near)
    const link = early ?? links.add(near, dialer.endpoint, dialer)
    if (dialer.opened()) links.reconnections++
    if (early === undefined) this.hub.attach(link)
    else this.hub.opened(link)
    this.events.emit('handshake', { endpoint: dialer.endpoint, peer: links.reference(link) })
    // The peer may have gone before we were told of it.
    if (near.closed) this.hub.detached(near)
  }

  refused(dialer: Dialer, error: Error): void {
    const { endpoint } = dialer
    this.events.emit('handshake:failed', { endpoint, address: endpoint, error, fatal: isFatal(error) })
  }

  retrying(dialer: Dialer, attempt: number, delay: number, error: Error | undefined): void {
    this.events.emit('connect:retry', { endpoint: dialer.endpoint, attempt, delay, error })
  }

  #transport(endpoint: string): Transport {
    if (this.closed) throw new ClosedError()
    const scheme = schemeOf(endpoint)
    const transport = this.#transports.get(scheme)
    if (transport !== undefined) return transport
    const known = [...this.#transports.keys()].map(name => `${name}://`).join(', ')
    throw new AddressError(endpoint, `no transport for "${endpoint}"; known are ${known}`)
  }

  #warnOfClear(endpoint: string): void {
    if (this.#warned || this.context.security.name === 'CURVE' || staysLocal(endpoint)) return
    this.#warned = true
    this.events.emit('security:clear', { endpoint })
  }

  /** An inproc peer hands us the far end of its pipe. */
  #acceptPipe(pipe: Pipe, dialler: Peer, endpoint: string): Peer {
    const { hub, events } = this
    const { type } = this.context
    let problem = this.closed ? 'the socket is closing' : hub.refuses(dialler)
    if (!mayTalk(type, dialler.socketType)) {
      problem = `a ${type} socket may not talk to a ${dialler.socketType} socket`
    }
    if (problem !== undefined) {
      const error = new ProtocolError(problem, { fatal: true })
      events.emit('handshake:failed', { endpoint, address: endpoint, error, fatal: true })
      throw error
    }
    pipe.widen(sendMarks(hub.options), receiveMarks(hub.options))
    pipe.peer = { ...dialler, address: endpoint }
    // It is the dialler's pipe: this one means that the dialler traces.
    if (hub.tracer !== undefined && pipe instanceof TracedPipe) pipe.clock = pipe.far.clock = SAME_CLOCK
    const link = hub.links.add(pipe, endpoint, undefined)
    hub.attach(link)
    events.emit('handshake', { endpoint, peer: hub.links.reference(link) })
    return { ...this.self, address: endpoint }
  }

  /** An inproc peer has gone, or we have left it: what it had not read came back. */
  #left(link: Link, error: Error | undefined): void {
    const peer = this.hub.links.reference(link)
    this.events.emit('disconnect', { endpoint: link.endpoint, peer, error, possiblyLost: 0 })
    link.dialer?.ended(error)
  }

  #takeLeave(link: Link): void {
    const { linger } = this.hub.options
    const { session } = link
    this.hub.release(link)
    if (linger !== Infinity) session?.destroyAfter(linger)
  }

  /** Resolves once the last contact has ended, or patience has. */
  #idle(patience: number): Promise<void> {
    return new Promise(resolve => {
      const timer = patience === Infinity ? undefined : setTimeout(resolve, patience)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
