/** One peer that can be dialled at several addresses. The door from discovery through a socket to its engine, and no public verb. */

/** The member of a socket behind which the door is. The ESM and the CJS copy of the package share it. */
export const DIAL: unique symbol = Symbol.for('typedmq.dial')

/** Tries the addresses in turn until one answers, without a pause in the first round; goes on so after a connection is lost. */
export interface Dialling {
  /** The address that is tried, or stands. */
  readonly endpoint: string
  /** The peer is connected and ready. */
  readonly live: boolean
  /** An attempt has failed since the peer was last live. It stays known after `disconnect`. */
  readonly failing: boolean
  /** What the addresses are from now on. A live connection stays; an address that is tried and no longer listed is left. */
  update(addresses: readonly string[]): void
  /** Idempotent. */
  disconnect(): void
}

/** The other addresses, in the order in which they are tried after this one. */
export function after(endpoint: string, addresses: readonly string[]): string[] {
  const at = addresses.indexOf(endpoint)
  return [...addresses.slice(at + 1), ...addresses.slice(0, Math.max(0, at))]
}

export interface DiallingOwner {
  /** The peer is live, or no longer, or an attempt has failed. */
  changed(): void
}
