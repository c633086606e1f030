/** One peer over one connection: handshake, then messages between its queues and the wire. Dialling again is the dialler's work. */
import { ProtocolError, StateError, TimeoutError, TypedMqError } from '../errors.ts'
import type { Frame } from '../message.ts'
import type { Peer, PeerSession } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Cipher, Credentials, Verdict } from '../security/mechanism.ts'
import type { ByteReader, Connection, ConnectionHandler } from '../transport/transport.ts'
import { type FrameLimits, FrameReader, type FrameSink } from '../wire/frame-reader.ts'
import { Delivery } from './delivery.ts'
import { Handshake } from './handshake.ts'
import { Handshaking, type HandshakingOwner } from './handshaking.ts'
import { Inbound, type InboundOwner } from './inbound.ts'
import { Liveness } from './liveness.ts'
import { Outbound, type OutboundOwner } from './outbound.ts'
import type { SessionContext, SessionOwner } from './session-owner.ts'
import { Traffic } from './traffic.ts'

/** The frames of a peer that is refused. */
const DISCARD: FrameSink = { message: () => true, command: () => true }
/** The session has ended while it read. */
const STOP: FrameSink = { message: () => false, command: () => false }

/**
 * handshaking --> open --> draining --> ended
 *      |  \         \-----------> left --^       left: the connection has ended, what arrived before is still read
 *      |   \-- refused ----^             ^
 *      \-- on any error -----------------/
 */
type Phase = 'handshaking' | 'open' | 'draining' | 'left' | 'ended'

export class Session
  implements PeerSession, ConnectionHandler, HandshakingOwner, InboundOwner, OutboundOwner
{
  readonly #peer: Peer
  readonly #owner: SessionOwner
  readonly #context: SessionContext
  readonly #connection: Connection
  readonly #limits: FrameLimits
  readonly #frames: FrameReader
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  readonly #delivery = new Delivery()
  #phase: Phase = 'handshaking'
  /** Gone once the peer is in. */
  #handshaking: Handshaking | undefined
  /** Aborted when the connection ends before the socket has decided about the peer. */
  #asking: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  /** Once the peer is in. */
  #traffic: Traffic | undefined
  #liveness: Liveness | undefined
  #error: Error | undefined

  /** Throws `SecurityError` when the mechanism may not be used on this connection. */
  constructor(peer: Peer, owner: SessionOwner, context: SessionContext, connection: Connection) {
    this.#peer = peer
    this.#owner = owner
    this.#context = context
    this.#connection = connection
    const { options, metadata, type } = context
    const address = connection.remote
    const mechanism = context.security.create({ accepted: peer.origin.accepts, address, metadata })
    const handshake = new Handshake(type, metadata, address, mechanism)
    const handshaking = new Handshaking(this, handshake, options.handshakeTimeout)
    this.#handshaking = handshaking
    this.#limits = { maxMessageSize: options.maxHandshakeSize, maxParts: 1 }
    this.#frames = new FrameReader(handshaking, this.#limits)
    this.#inbound = new Inbound(this, connection, this.#frames, handshaking)
    this.#outbound = new Outbound(this, connection, context.slabs, this.#delivery)
    connection.handler = this
    handshaking.start()
  }

  get address(): string {
    return this.#connection.remote
  }

  get reader(): ByteReader {
    return this.#inbound
  }

  get roundTrip(): number | undefined {
    return this.#delivery.roundTrip
  }

  // What the socket asks.

  suspendHandshake(): void {
    this.#handshaking?.suspend()
  }

  resumeHandshake(): void {
    if (!this.#over) this.#handshaking?.resume()
  }

  sync(): Promise<void> {
    if (this.#phase !== 'open') return Promise.reject(new StateError('the connection is gone'))
    return this.#traffic!.sync()
  }

  release(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'draining'
    this.#liveness!.stop()
    this.#frames.sink = this.#traffic!.farewell
    this.#outbound.flush()
    this.#inbound.writable()
  }

  destroyAfter(delay: number): void {
    if (this.#over) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.destroy(), delay).unref()
  }

  /** What is in the queue stays there, what was written may arrive. */
  destroy(error?: Error): void {
    if (this.#over) return
    this.#error ??= error
    this.#connection.destroy()
    this.#end()
  }

  get left(): number {
    return this.#phase === 'left' ? this.#inbound.held : 0
  }

  /** Up to the mark, or one message of several parts. */
  readLeft(): Error | undefined {
    if (this.#phase !== 'left' || this.#inbound.reading) return undefined
    let violation: Error | undefined
    try {
      do this.#inbound.readOn()
      while (this.#inbound.stopped && this.#peer.incoming.unread === 0)
    } catch (error) {
      if (!(error instanceof TypedMqError)) throw error
      violation = error
    }
    if (violation !== undefined || !this.#inbound.stopped) {
      this.#phase = 'ended'
      this.#inbound.discard()
    }
    return violation
  }

  // What the connection tells.

  drain(): void {
    this.#liveness?.drained()
    this.#outbound.drained()
  }

  /** The peer is leaving: it has said all, and hears no more. */
  ended(): void {
    if (this.#over) return
    if (this.#outbound.blocked) this.#connection.destroy()
    else this.#connection.end()
    this.#leftEarly()
    this.#end()
  }

  closed(error?: Error): void {
    this.#error ??= error
    this.#leftEarly()
    this.#end()
  }

  // What the handshake asks and tells.

  say(frames: readonly Frame[]): void {
    this.#outbound.say(frames)
  }

  refuses(identity: PeerIdentity): string | undefined {
    return this.#owner.refuses(this.#peer, identity)
  }

  authenticate(identity: PeerIdentity, credentials: Credentials): Verdict | Promise<Verdict> {
    this.#asking = new AbortController()
    return this.#owner.authenticate(this.#peer, identity, credentials, this.#asking.signal)
  }

  decided(verdict: Verdict): void {
    try {
      this.#handshaking?.decide(verdict)
      this.#inbound.readOn()
    } catch (error) {
      this.violated(error)
    }
  }

  refused(error: Error): void {
    this.#error ??= error
    this.#phase = 'draining'
    this.#frames.sink = DISCARD
    this.#inbound.end()
    this.#connection.end()
  }

  admitted(identity: PeerIdentity, cipher: Cipher | undefined): void {
    const { options } = this.#context
    this.#limits.maxMessageSize = options.maxMessageSize
    this.#limits.maxParts = options.maxParts
    if (cipher !== undefined) {
      this.#frames.openWith(cipher)
      this.#outbound.sealWith(cipher)
    }
    this.#phase = 'open'
    this.#handshaking = this.#asking = undefined
    const traffic = new Traffic(this.#peer, identity, this.#context, this.#outbound, this.#delivery)
    this.#traffic = traffic
    this.#frames.sink = traffic
    const [connection, inbound, outbound] = [this.#connection, this.#inbound, this.#outbound]
    // No spread: each object that is made by one has a hidden class of its own, 250 bytes for each connection (Node 20).
    this.#liveness = new Liveness(
      { session: this, connection, inbound, outbound, traffic },
      identity,
      options,
    )
    this.#inbound.attach(this.#peer.incoming)
    traffic.start()
    this.#owner.join(this.#peer, identity)
  }

  /** A peer that was refused and has not left ends so too. */
  late(): void {
    this.destroy(new TimeoutError(`no handshake within ${this.#context.options.handshakeTimeout} ms`))
  }

  // What the two halves tell.

  /** The peer is at fault; or we are, which is no matter of the peer's. */
  violated(error: unknown): void {
    if (!(error instanceof TypedMqError)) throw error
    this.destroy(error)
  }

  emptied(): void {
    if (this.#phase === 'open') {
      this.#traffic!.track()
      // It was the commands that had stopped us, not the mark.
      if (this.#inbound.stopped && this.#peer.incoming.hasRoom) this.#inbound.writable()
    } else if (this.#phase === 'draining' && this.#traffic !== undefined) {
      // The last word is a PING. Its PONG is the only proof: a peer that discards what it reads ends as cleanly as one that takes it.
      if (this.#traffic.answersPings && this.#delivery.asked < this.#delivery.written) {
        this.#outbound.ping()
        this.#outbound.flush()
      } else this.#connection.end()
    }
  }

  get #over(): boolean {
    return this.#phase === 'ended' || this.#phase === 'left'
  }

  #leftEarly(): void {
    if (this.#phase === 'handshaking') this.#error ??= new ProtocolError('the peer left during the handshake')
  }

  /** All ends meet here. What had arrived before the end still counts, within the marks. */
  #end(): void {
    if (this.#over) return
    const { incoming } = this.#peer
    const leaves = this.#phase === 'open' && !(this.#error instanceof ProtocolError)
    this.#phase = leaves ? 'left' : 'ended'
    this.#frames.sink = leaves ? this.#traffic!.remainder : STOP
    this.#handshaking?.stop()
    this.#asking?.abort()
    clearTimeout(this.#timer)
    this.#liveness?.stop()
    this.#outbound.stop()
    this.#inbound.end()
    // While messages wait at the mark nothing more is decoded; it may have been our own commands that stopped us.
    if (!leaves) this.#inbound.discard()
    else if (incoming.hasRoom || incoming.unread === 0) this.#error ??= this.readLeft()
    this.#delivery.fail(new StateError('the connection was lost'))
    this.#owner.sessionEnded(this.#peer, { error: this.#error, possiblyLost: this.#delivery.uncovered })
  }
}
