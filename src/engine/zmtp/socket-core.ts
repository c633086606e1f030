/** The inside of a socket: its peers, its strategy, and those who wait to send and receive. */
import { ProtocolError } from '../../errors.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import { EMPTY_FRAME } from '../../message.ts'
import type { Partner, Peer, PeerOwner } from '../../peer/peer.ts'
import type { PeerIdentity } from '../../peer-identity.ts'
import { SAME_CLOCK } from '../../queue/stamp.ts'
import type { DropCause, RoutingStrategy, StrategyContext } from '../../routing/routing-strategy.ts'
import { STRATEGIES } from '../../routing/strategies.ts'
import type { Credentials, Verdict } from '../../security/mechanism.ts'
import { Session } from '../../session/session.ts'
import type { SessionContext, SessionEnd, SessionOwner } from '../../session/session-owner.ts'
import type { SocketType } from '../../socket-type.ts'
import type { Connection, InprocEnd } from '../../transport/transport.ts'
import { TRACES } from '../../wire/trace-command.ts'
import { ConditionWaits } from '../condition-waits.ts'
import { Drops } from '../drops.ts'
import type { CoreOptions } from '../engine.ts'
import type { SocketEvents } from '../events.ts'
import { Departed } from './departed.ts'
import { EntryChecks, isFatal } from './entry-checks.ts'
import { Linger } from './linger.ts'
import { referenceOf } from './peer-info.ts'
import { Peers } from './peers.ts'
import { Receives } from './receives.ts'
import { Sends } from './sends.ts'
import { Tracer } from './tracer.ts'

export class SocketCore<Type extends SocketType = SocketType>
  implements StrategyContext, SessionOwner, PeerOwner
{
  readonly options: CoreOptions
  readonly events: SocketEvents
  readonly peers: Peers
  readonly departed: Departed
  readonly conditions = new ConditionWaits()
  readonly strategy: RoutingStrategy<Outgoing<Type>, Incoming<Type>>
  readonly sends: Sends<Outgoing<Type>>
  readonly receives: Receives<Incoming<Type>>
  readonly drops: Drops
  /** Undefined without `trace`. */
  readonly tracer: Tracer | undefined
  readonly checks: EntryChecks
  readonly linger: Linger
  readonly #context: SessionContext

  constructor(context: SessionContext & { readonly type: Type }, options: CoreOptions, events: SocketEvents) {
    this.options = options
    this.events = events
    this.#context = context
    this.tracer = options.trace ? new Tracer(events) : undefined
    this.peers = new Peers(this, options, this.tracer)
    this.drops = new Drops(events)
    this.departed = new Departed(options.maxDepartedBytes, this)
    this.strategy = STRATEGIES[context.type](this)
    this.checks = new EntryChecks(context.type, options, this.strategy, this.departed)
    this.linger = new Linger(this.peers, this.strategy)
    this.sends = new Sends(this.strategy, options, this.tracer)
    this.receives = new Receives(this.strategy)
  }

  // The life of a peer.

  /** Our end of the queues to a peer within the process. */
  endOf(peer: Peer): InprocEnd {
    const { type, metadata } = this.#context
    const identity: PeerIdentity = {
      socketType: type,
      routingId: metadata.get('Identity') ?? EMPTY_FRAME,
      address: peer.endpoint,
      metadata,
      protocol: 'inproc',
      userId: undefined,
    }
    return { identity, outgoing: peer.outgoing, incoming: peer.incoming, partner: peer }
  }

  /** Messages may wait for a peer that is being dialled, where the pattern has a use for that. */
  expect(peer: Peer): void {
    if (peer.attached || this.strategy.early !== true || this.options.immediate) return
    this.#attach(peer)
  }

  /** A connection to the peer stands: the handshake begins. */
  shake(peer: Peer, connection: Connection): void {
    try {
      peer.shake(new Session(peer, this, this.#context, connection))
    } catch (error) {
      connection.destroy()
      this.refused(peer, connection.remote, error as Error)
    }
  }

  /** The peer has not been let in, or has not let us in. */
  refused(peer: Peer, address: string, error: Error): void {
    this.tellRefused(peer.endpoint, address, error)
    peer.origin.failed(peer, error)
  }

  tellRefused(endpoint: string, address: string, error: Error): void {
    this.events.emit('handshake:failed', { endpoint, address, error, fatal: isFatal(error) })
  }

  refuses({ origin }: Peer, identity: PeerIdentity): string | undefined {
    return this.checks.refuses(origin, identity)
  }

  authenticate(
    { session }: Peer,
    identity: PeerIdentity,
    credentials: Credentials,
    signal: AbortSignal,
  ): Verdict | Promise<Verdict> {
    return this.checks.authenticate(session!, identity, credentials, signal)
  }

  /** The one way in: the peer is there, and nothing was against it. */
  join(peer: Peer, identity: PeerIdentity, partner?: Partner): void {
    const { strategy } = this
    peer.introduce(identity, partner)
    if (partner !== undefined && this.tracer !== undefined && identity.metadata.has(TRACES))
      peer.clock = SAME_CLOCK
    this.checks.joined(peer)
    peer.origin.joining(peer)
    if (peer.attached) strategy.ready?.(peer)
    else this.#attach(peer)
    // Another, whose place it takes, may have been told of, and whoever listens have let go of this one.
    if (peer.phase !== 'ready') return
    peer.name = strategy.nameOf?.(peer)
    this.peers.ready(peer)
    this.linger.joined(peer)
    if (peer.incoming.unread > 0) this.readable(peer)
    this.sends.retry(peer)
    this.conditions.changed()
    // Last, when the socket is ready for what a listener may do with it. What the peer has said may have ended it already.
    if (peer.phase === 'ready') {
      this.events.emit('handshake', { endpoint: peer.endpoint, peer: referenceOf(peer) })
    }
  }

  /** The one way out: of the peer's connection, of its partner, or ours. */
  leave(peer: Peer, { byUs = false, error, possiblyLost = 0 }: Leaving = {}): void {
    const { phase, partner, session } = peer
    if (phase === 'ended' || phase === 'draining') return
    if (!peer.attached) {
      peer.end()
      this.peers.delete(peer)
      this.linger.less()
      return
    }
    if (byUs) peer.release()
    else peer.end()
    const drains = peer.phase === 'draining'
    // What the kernel takes at once still goes out.
    if (drains) session!.release()
    const joined = partner?.left()
    // What a peer within the process can read is its own when we are the first to go.
    const keeps = joined === true && (byUs || this.checks.closed)
    this.strategy.detach(peer, keeps ? [] : peer.outgoing.reclaim())
    peer.attached = false
    this.peers.detached(peer)
    if (phase === 'ready') this.departed.add(peer.incoming, drains ? undefined : session)
    this.sends.retry(peer)
    this.conditions.changed()
    if (!drains) this.#over(peer, phase === 'ready', error, possiblyLost)
    this.linger.less()
  }

  sessionEnded(peer: Peer, { error, possiblyLost }: SessionEnd): void {
    const { phase, session } = peer
    if (phase === 'ready') this.leave(peer, { error, possiblyLost })
    else if (phase === 'draining') {
      peer.end()
      this.#over(peer, true, error, possiblyLost)
      this.linger.less()
    } else if (phase === 'handshaking') {
      if (error !== undefined && this.checks.mayTell(error)) this.refused(peer, session!.address, error)
      else peer.origin.failed(peer, error)
    }
  }

  /** The partner of a peer within the process has let go. */
  left(peer: Peer): void {
    if (peer.phase === 'ready') this.leave(peer)
    else if (peer.phase === 'connecting') {
      this.leave(peer)
      peer.origin.failed(peer, undefined)
    }
  }

  // What the peers tell.

  readable(peer: Peer): void {
    this.strategy.readable(peer)
    this.receives.deliver()
  }

  writable(peer: Peer): void {
    this.strategy.writable?.(peer)
    this.sends.retry(peer)
  }

  drained(): void {
    this.linger.less()
  }

  // What the strategy tells.

  dropped(cause: DropCause, peer: Peer | undefined): void {
    if (peer !== undefined) peer.dropped++
    const named = peer?.attached !== true || this.drops.names(cause)
    this.drops.add(cause, 1, named ? undefined : referenceOf(peer))
  }

  violated(peer: Peer, reason: string): void {
    const error = new ProtocolError(reason)
    if (peer.session === undefined) this.leave(peer, { byUs: true, error })
    else peer.session.destroy(error)
  }

  subscriptionsChanged(): void {
    this.conditions.changed()
  }

  receivable(): void {
    this.receives.deliver()
  }

  #attach(peer: Peer): void {
    peer.attached = true
    this.peers.attached(peer)
    this.strategy.attach(peer)
  }

  /** Nothing is left of the peer but what it sent. */
  #over(peer: Peer, joined: boolean, error: Error | undefined, possiblyLost: number): void {
    this.peers.delete(peer)
    if (!joined) return
    this.checks.left(peer)
    this.peers.possiblyLost += possiblyLost
    this.events.emit('disconnect', { endpoint: peer.endpoint, peer: referenceOf(peer), error, possiblyLost })
    peer.origin.ended(peer, error)
  }
}

/** Why and how a peer leaves. */
export interface Leaving {
  /** We let go of it, not it of us. */
  readonly byUs?: boolean
  readonly error?: Error | undefined
  /** Upper bound of the messages handed to the kernel that it may not have got. */
  readonly possiblyLost?: number
}
