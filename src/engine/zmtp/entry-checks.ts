/** What is checked before a peer may join a socket, wherever it comes from. */
import { ProtocolError, SecurityError } from '../../errors.ts'
import type { Origin, Peer, PeerSession } from '../../peer/peer.ts'
import type { PeerIdentity } from '../../peer-identity.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import { ask } from '../../security/authenticate.ts'
import type { Credentials, Verdict } from '../../security/mechanism.ts'
import { incompatibility, type SocketType } from '../../socket-type.ts'
import type { CoreOptions } from '../engine.ts'
import type { Departed } from './departed.ts'

/** Milliseconds between two events of peers that were one too many: a crowd that is refused must not become a crowd of events. */
const QUIET = 1000

export class EntryChecks {
  /** No peer may join any more. */
  closed = false
  readonly #type: SocketType
  readonly #options: CoreOptions
  readonly #strategy: Pick<RoutingStrategy, 'refuses'>
  readonly #departed: Departed
  /** Peers that came to us and are here. */
  #accepted = 0
  #told = Number.NEGATIVE_INFINITY

  constructor(
    type: SocketType,
    options: CoreOptions,
    strategy: Pick<RoutingStrategy, 'refuses'>,
    departed: Departed,
  ) {
    this.#type = type
    this.#options = options
    this.#strategy = strategy
    this.#departed = departed
  }

  /** What is against a peer; undefined when it may join. */
  refuses(origin: Origin, identity: PeerIdentity): string | undefined {
    if (this.closed) return 'the socket is closing'
    return (
      incompatibility(this.#type, identity.socketType) ??
      (isCounted(origin, identity) ? this.#crowded : undefined) ??
      this.#strategy.refuses?.(identity)
    )
  }

  /** The application's word about a peer that comes over a wire; it waits while those that have gone left too much. */
  authenticate(
    session: PeerSession,
    { address, socketType }: PeerIdentity,
    credentials: Credentials,
    signal: AbortSignal,
  ): Verdict | Promise<Verdict> {
    const request = { ...credentials, address, socketType, signal }
    const room = this.#departed.room(signal)
    if (room === undefined) return ask(this.#options.authenticate, request)
    session.suspendHandshake()
    return room.then(() => {
      if (signal.aborted) return { status: 500, reason: 'the peer has gone' }
      session.resumeHandshake()
      return ask(this.#options.authenticate, request)
    })
  }

  joined({ origin, identity }: Peer): void {
    if (isCounted(origin, identity!)) this.#accepted++
  }

  left({ origin, identity }: Peer): void {
    if (isCounted(origin, identity!)) this.#accepted--
  }

  /** Whether this refusal is to be told of: one a second of peers that were one too many, and all others. */
  mayTell(error: Error): boolean {
    if (error.message !== this.#crowded) return true
    const now = performance.now()
    if (now - this.#told < QUIET) return false
    this.#told = now
    return true
  }

  get #crowded(): string | undefined {
    const { maxPeers } = this.#options
    if (this.#accepted < maxPeers) return undefined
    return `this socket has ${maxPeers} peers, as many as its option maxPeers allows`
  }
}

/** `maxPeers` is about those who come from outside: a peer of this process takes no file descriptor. */
function isCounted({ accepts }: Origin, { protocol }: PeerIdentity): boolean {
  return accepts && protocol !== 'inproc'
}

/** Whether a peer has refused us for what we are, so that trying again soon cannot help. */
export function isFatal(error: Error | undefined): boolean {
  if (error instanceof ProtocolError) return error.fatal
  return error instanceof SecurityError && error.status !== 300
}
