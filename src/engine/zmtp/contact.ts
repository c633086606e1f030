/** One connection of a socket, dialled or accepted, from the moment it stands to its end. */
import type { Peer } from '../../peer.ts'
import type { Pipe } from '../../queue/pipe.ts'
import { ask } from '../../security/authenticate.ts'
import type { Credentials, Verdict } from '../../security/mechanism.ts'
import { Session } from '../../session/session.ts'
import type { SessionContext, SessionEnd, SessionOwner } from '../../session/session-owner.ts'
import type { Connection } from '../../transport/transport.ts'
import type { PeerReference, SocketEvents } from '../events.ts'
import type { Capacity } from './capacity.ts'
import { type Dialer, isFatal } from './dialer.ts'
import type { Hub } from './hub.ts'
import { createPlace } from './place.ts'

export interface ContactOwner {
  readonly hub: Hub
  readonly events: SocketEvents
  readonly context: SessionContext
  /** True once the socket takes no new peers. */
  readonly closed: boolean
  readonly capacity: Capacity
}

/** Where a contact comes from, and who is told how it goes. */
interface Origin {
  readonly endpoint: string
  readonly dialer: Dialer | undefined
  /** Called once, when the handshake is over or has failed. */
  readonly shaken: (contact: Contact) => void
  /** Called once, last of all. */
  readonly over: (contact: Contact) => void
}

export class Contact implements SessionOwner {
  readonly endpoint: string
  readonly dialer: Dialer | undefined
  readonly session: Session
  readonly #owner: ContactOwner
  readonly #origin: Origin
  /** Ends the question to the application when the connection ends before it is answered. */
  #gone: AbortController | undefined
  #peer: PeerReference | undefined
  /** It was one too many. */
  #tooMany = false

  /** Throws `SecurityError` when the mechanism may not be used on this connection. */
  constructor(owner: ContactOwner, connection: Connection, origin: Origin) {
    this.#owner = owner
    this.#origin = origin
    this.endpoint = origin.endpoint
    this.dialer = origin.dialer
    this.session = new Session(this, owner.context, connection, this.dialer === undefined)
  }

  /** Whether the peer is in. */
  get met(): boolean {
    return this.#peer !== undefined
  }

  refuses(peer: Peer): string | undefined {
    const { capacity, closed, hub } = this.#owner
    if (closed) return 'the socket is closing'
    const objection = this.dialer === undefined ? capacity.objection : undefined
    this.#tooMany = objection !== undefined
    return objection ?? hub.refuses(peer)
  }

  authenticate(peer: Peer, credentials: Credentials): Verdict | Promise<Verdict> {
    const { address, socketType } = peer
    const { departed, options } = this.#owner.hub
    this.#gone = new AbortController()
    const { signal } = this.#gone
    const verdict = () => ask(options.authenticate, { ...credentials, address, socketType, signal })
    const room = departed.room(signal)
    if (room === undefined) return verdict()
    this.session.suspendHandshake()
    return room.then(() => {
      this.session.resumeHandshake()
      return verdict()
    })
  }

  opened(peer: Peer): Pipe {
    const { hub, events } = this.#owner
    const { endpoint, dialer, session } = this
    this.#gone = undefined
    this.#origin.shaken(this)
    if (dialer === undefined) this.#owner.capacity.entered()
    const reserved = dialer?.takeReserved()
    const { near, far } = reserved ?? createPlace(hub.options)
    near.peer = peer
    const link = hub.links.get(near) ?? hub.links.add(near, endpoint, dialer)
    link.session = session
    if (dialer?.opened() === true) hub.links.reconnections++
    // The session takes the far end before anything can be written to the near one.
    far.owner = session
    if (reserved === undefined) hub.attach(link)
    else hub.opened(link)
    this.#peer = hub.links.reference(link)
    events.emit('handshake', { endpoint, peer: this.#peer })
    return far
  }

  ended({ error, possiblyLost }: SessionEnd): void {
    const { hub, events } = this.#owner
    const { endpoint } = this
    this.#gone?.abort()
    if (this.#peer !== undefined) {
      if (this.dialer === undefined) this.#owner.capacity.left()
      hub.links.possiblyLost += possiblyLost
      events.emit('disconnect', { endpoint, peer: this.#peer, error, possiblyLost })
    } else {
      this.#origin.shaken(this)
      const { address } = this.session
      if (error !== undefined && (!this.#tooMany || this.#owner.capacity.mayTell())) {
        events.emit('handshake:failed', { endpoint, address, error, fatal: isFatal(error) })
      }
    }
    this.dialer?.ended(error)
    this.#origin.over(this)
  }
}
