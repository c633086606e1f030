/** What the parent of a chaos run and its children tell each other. */

/** High-water marks of every socket. */
export const MARK = 50
/** Bytes of every message. */
export const MESSAGE_SIZE = 200

export type Role = 'source' | 'worker' | 'sink' | 'requester'

export interface Orders {
  readonly role: Role
  /** Told from all other processes of the run. */
  readonly incarnation: number
  readonly endpoints: readonly string[]
  readonly journal: string
}

/** Where a child listens. */
export interface Bound {
  readonly endpoints: readonly string[]
}

/** What a child's sending socket says of itself when all is over. */
export interface Sums {
  readonly sent: number
  readonly dropped: number
  readonly possiblyLost: number
  /** The source alone. */
  readonly disconnects?: number
  readonly published?: number
  readonly publishedSent?: number
  readonly publishedLost?: number
}

export type Told = Bound | Sums
