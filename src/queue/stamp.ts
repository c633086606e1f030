/** What tracing knows of one message; it travels beside its message. */

/** Made where a message is sent. Times are the sender's `hostTime`. */
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
