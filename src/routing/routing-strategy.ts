/** The contract of a pattern: which peer gets a message, and which one is read next. */
import type { Message } from '../message.ts'
import type { SocketOptions } from '../options.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import type { Stamp } from '../queue/stamp.ts'

/**
 * 'full': wait until any peer has room; a peer: until this one has. 'unroutable': no peer has the name;
 * 'refused': it has, but it is at its mark, and the caller does not want to wait.
 */
export type Sent = 'taken' | 'full' | 'unroutable' | 'refused' | Peer

/** Why a message went nowhere. */
export type DropCause =
  /** A peer was at its mark, and the pattern does not wait; or peers that have disconnected left more than fits. */
  | 'high-water-mark'
  /** The peer it was for has gone, or never was. */
  | 'no-peer'
  /** An answer nobody waits for any more. */
  | 'late-answer'
  /** What a peer sent does not fit the pattern. */
  | 'malformed'
  /** Still queued when linger was over. */
  | 'linger'
  /** Received, but the socket was closed before anybody read it. */
  | 'unread'

/** What a strategy tells its socket. Plain calls, on the stack of whoever called the strategy. */
export interface StrategyContext {
  readonly options: SocketOptions
  /** A message that was taken, or had arrived, goes nowhere: counted, with its cause. */
  dropped(cause: DropCause, peer: Peer | undefined): void
  /** Ends one peer's connection for breaking the pattern's rules. */
  violated(peer: Peer, reason: string): void
  /** The peers' subscriptions have changed (PUB, XPUB). */
  subscriptionsChanged(): void
  /** There is something to receive that no peer has sent just now. */
  receivable(): void
}

/** How what is sent counts against `maxMessageSize` and `maxParts`. */
export interface Measure<Out> {
  /** Fewest parts. */
  readonly leastParts: number
  bytes(out: Out): number
  parts(out: Out): number
  /** As a message, for the error that hands it back. */
  whole(out: Out): Message
}

/** `Out` and `In`: what is sent and received, message by message, where that is more than the parts on the wire. */
export interface RoutingStrategy<Out = Message, In = Message> {
  /** True: a dialled peer is attached before its connection is there, so that messages can queue for it. */
  readonly early?: boolean
  /** What the strategy has against a peer, or undefined; asked before `attach` and `ready`. */
  refuses?(identity: PeerIdentity): string | undefined
  attach(peer: Peer): void
  /** The handshake of a peer that was attached early is over. */
  ready?(peer: Peer): void
  /** The peer has gone; `unsent` came back from its queue. What it sent before can still be received. */
  detach(peer: Peer, unsent: readonly Unsent[]): void
  /** Something to read where there was nothing. */
  readable(peer: Peer): void
  /** Room again, after a refused offer. */
  writable?(peer: Peer): void
  /** Undefined: a message is what it is. */
  readonly measure?: Measure<Out>
  /** `stamp`: of a socket that traces. */
  send?(out: Out, stamp?: Stamp): Sent
  receive?(): In | undefined
  /** Who sent what `receive` returned last, where that is told; undefined when no peer did. */
  readonly source?: Peer | undefined
  /** `receive` returns nothing although there may be something: too much was skipped in this turn of the event loop. */
  readonly skipped?: boolean
  /** Takes back a message that has not begun to be written; false when it is too late. */
  revoke?(out: Out): boolean
  /** How many messages wait for a peer without being in any queue. */
  readonly returned?: number
  subscribe?(prefix: Uint8Array): void
  unsubscribe?(prefix: Uint8Array): void
  /** Whether the peer is still to be told of subscriptions that are in no queue. */
  isLate?(peer: Peer): boolean
  /** Peers that would get a message with this topic; undefined counts those with any subscription. */
  subscribers?(topic: Uint8Array | undefined): number
  /** The name a peer is addressed by (ROUTER, REP). */
  nameOf?(peer: Peer): Uint8Array
  /** Whether the peer of this name is a REQ (ROUTER). */
  isRequester?(name: Uint8Array): boolean
}
