/** What a session and its socket know of each other. */
import type { SocketOptions } from '../options.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Credentials, Metadata, Security, Verdict } from '../security/mechanism.ts'
import type { SocketType } from '../socket-type.ts'
import type { SlabPool } from '../wire/slab-pool.ts'

/** What a session needs to know of its socket. */
export interface SessionContext {
  readonly type: SocketType
  readonly options: SocketOptions
  /** What READY says of us. */
  readonly metadata: Metadata
  readonly security: Security
  readonly slabs: SlabPool
}

/** How a session ended. */
export interface SessionEnd {
  readonly error: Error | undefined
  /** Upper bound of the messages handed to the kernel that the peer may not have got. */
  readonly possiblyLost: number
}

export interface SessionOwner {
  /** What is against this peer, or undefined. */
  refuses(peer: Peer, identity: PeerIdentity): string | undefined
  /** Whether the peer may come in. Never throws or rejects. The signal: it has gone, and nobody waits for the verdict. */
  authenticate(
    peer: Peer,
    identity: PeerIdentity,
    credentials: Credentials,
    signal: AbortSignal,
  ): Verdict | Promise<Verdict>
  /** The handshake is over, and messages may be written and read. */
  join(peer: Peer, identity: PeerIdentity): void
  /** Exactly once, last of all. */
  sessionEnded(peer: Peer, end: SessionEnd): void
}
