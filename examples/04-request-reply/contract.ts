/** What the client may ask, and what it is answered. */
export type Question =
  | { readonly ask: 'divide'; readonly dividend: number; readonly divisor: number }
  /** Answered from the third time on. */
  | { readonly ask: 'patience' }
  /** Never answered. */
  | { readonly ask: 'silence' }
  /** Ends the server, which does not answer first. */
  | { readonly ask: 'quit' }

export type Answer = number | string
