/** What a line stands for: a message of parts, perhaps with a head, a topic or the name of a peer. */

/** What stands in front of the parts, if the pattern has such a thing. */
export type Head = 'topic' | 'peer' | undefined

export interface Entry {
  /** Undefined when the pattern has none. */
  readonly head: string | undefined
  readonly parts: readonly unknown[]
}

/** How lines are read and written. */
export interface Layout {
  readonly head: Head
  /** The head of every line that is read (`--topic`, `--to`); lines have none of their own then. */
  readonly fixed: string | undefined
  /** Lines hold all parts of a message, not just one. */
  readonly multipart: boolean
}
