/** What tracing knows of one message, and whom a traced pipe asks and tells. */
import type { Message } from '../message.ts'

/** Made where a message is sent; it travels with the message. Times are the sender's `hostTime`. */
export interface Stamp {
  /** The message's id: a random number of the sending socket, and a count, 32 bits each. */
  readonly source: number
  readonly count: number
  /** When `send` was called. */
  readonly produced: number
  /** When the message came into a queue. */
  readonly queued: number
}

/** How far another host's clock is ahead of ours, in milliseconds, give or take the uncertainty; both 0 when it is the same clock. */
export interface Clock {
  readonly offset: number
  readonly uncertainty: number
}

/** The clock of a peer that traces. */
export interface PeerClock {
  readonly reading: Clock | 'unknown'
}

export const SAME_CLOCK: PeerClock = { reading: { offset: 0, uncertainty: 0 } }

/** Stamps what one end of a pipe writes, and learns of what it takes. Plain calls; none of them calls back. */
export interface PipeTracer<P> {
  /** The stamp of a message that this end offers; undefined leaves it untraced. */
  offered(message: Message, pipe: P): Stamp | undefined
  /** The same for one that is pushed. */
  pushed(message: Message): Stamp | undefined
  /** This end has taken a message out. */
  taken(stamp: Stamp | undefined, pipe: P): void
  /** A message came back that the far end had not read; it may be offered elsewhere. */
  returned(message: Message, stamp: Stamp): void
}
