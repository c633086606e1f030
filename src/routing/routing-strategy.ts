/** The contract of a pattern: which peer's pipe gets a message, and which one is read next. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer.ts'
import type { Pipe } from '../queue/pipe.ts'

/** A pipe: wait for this one to be writable. 'full': wait for any. */
export type Sent = 'taken' | 'full' | 'unroutable' | Pipe

/** What a strategy tells its socket. Plain calls, on the socket's own stack. */
export interface StrategyContext {
  /** A message that was taken, or had arrived, and goes nowhere: counted, with its cause. */
  dropped(message: Message, cause: DropCause, pipe: Pipe | undefined): void
  /** A request whose peer has gone after it was handed over (REQ). */
  lost?(message: Message): void
  /** Ends one peer's connection for breaking the pattern's rules. */
  violated(pipe: Pipe, reason: string): void
}

export type DropCause =
  | 'high-water-mark'
  | 'no-peer'
  | 'peer-gone'
  | 'late-answer'
  | 'malformed'
  | 'linger'
  | 'closed'

export interface RoutingStrategy {
  /** True: a dialled pipe is attached before its connection is there, so that messages can queue in it. */
  readonly early?: boolean
  /** What the strategy has against a peer, or undefined; asked before `attach`. */
  refuses?(peer: Peer): string | undefined
  attach(pipe: Pipe): void
  /** The handshake of an early pipe is over. */
  opened?(pipe: Pipe): void
  /** The far end has gone. What it sent before can still be received. */
  detach(pipe: Pipe): void
  readable?(pipe: Pipe): void
  writable?(pipe: Pipe): void
  send?(message: Message): Sent
  receive?(): Message | undefined
  /** Takes back a message that has not begun to be written. */
  revoke?(message: Message): boolean
  /** Messages taken from dead pipes that wait for the next one. Emptied by the call. */
  reclaim?(): Message[]
  /** How many messages `reclaim` would give. */
  readonly returned?: number
  subscribe?(prefix: Uint8Array): void
  unsubscribe?(prefix: Uint8Array): void
  /** Peers subscribed to what would match this topic; undefined counts any subscription. */
  subscribers?(topic: Uint8Array | undefined): number
}
