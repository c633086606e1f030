/** What a line of the command line stands for: a message of parts, behind a topic or the name of a peer if the socket type has such a thing. */

/** What stands in front of the parts. */
export type Head = 'topic' | 'peer' | undefined

export interface LineMessage {
  /** Undefined if the socket type has none. */
  readonly head: string | undefined
  readonly parts: readonly unknown[]
}

/** How lines are read and written. */
export interface LineLayout {
  readonly head: Head
  /** The head of every line that is read (`--topic`, `--to`); lines have none of their own then. */
  readonly fixed: string | undefined
  /** Lines hold all parts of a message, not just one. */
  readonly multipart: boolean
}
