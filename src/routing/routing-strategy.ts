/** The contract of a pattern: which peer's pipe gets a message, and which one is read next. */
import type { Message } from '../message.ts'
import type { SocketOptions } from '../options.ts'
import type { Peer } from '../peer.ts'
import type { Pipe } from '../queue/pipe.ts'

/**
 * 'full': wait until any peer has room; a pipe: until this one has. 'unroutable': no peer has the name;
 * 'refused': it has, but it is at its mark, and the caller does not want to wait.
 */
export type Sent = 'taken' | 'full' | 'unroutable' | 'refused' | Pipe

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
  dropped(cause: DropCause, pipe: Pipe | undefined): void
  /** The peer of a request has gone after it was handed over and before the answer came (REQ). */
  lost(message: Message): void
  /** Ends one peer's connection for breaking the pattern's rules. */
  violated(pipe: Pipe, reason: string): void
  /** The peers' subscriptions have changed (PUB, XPUB). */
  subscriptionsChanged(): void
  /** There is something to receive that came from no pipe just now. */
  receivable(): void
}

export interface RoutingStrategy {
  /** True: a dialled pipe is attached before its connection is there, so that messages can queue in it. */
  readonly early?: boolean
  /** What the strategy has against a peer, or undefined; asked before `attach` and `opened`. */
  refuses?(peer: Peer): string | undefined
  attach(pipe: Pipe): void
  /** The handshake of an early pipe is over. */
  opened?(pipe: Pipe): void
  /** The far end has gone. What it sent before can still be received. */
  detach(pipe: Pipe): void
  /** Something to read where there was nothing. */
  readable(pipe: Pipe): void
  /** Room again, after a refused offer. */
  writable?(pipe: Pipe): void
  /** Fewest parts of a message to send: ROUTER's first names the peer. Default 1. */
  readonly leastParts?: number
  send?(message: Message): Sent
  receive?(): Message | undefined
  /** `receive` returns nothing although there may be something: too much was skipped in this turn of the event loop. */
  readonly skipped?: boolean
  /** Takes back a message that has not begun to be written; false when it is too late. */
  revoke?(message: Message): boolean
  /** How many messages wait for a peer without being in any pipe. */
  readonly returned?: number
  subscribe?(prefix: Uint8Array): void
  unsubscribe?(prefix: Uint8Array): void
  /** Whether the peer is still to be told of subscriptions that are in no pipe. */
  isLate?(pipe: Pipe): boolean
  /** Peers that would get a message with this topic; undefined counts those with any subscription. */
  subscribers?(topic: Uint8Array | undefined): number
  /** The name a peer is addressed by (ROUTER, REP). */
  nameOf?(pipe: Pipe): Uint8Array
}
