/** Fairness towards the event loop: libuv reads a socket that always has more up to 32 times in a row, and what each read brings is worked off at once. */

/** Milliseconds that all sockets together may read in one turn. At 16-byte messages 32 reads take over 50. */
const LONGEST = 5

/** One socket that is read. */
export interface Reader {
  /** Called in the next turn, after `mayReadOn` returned false. */
  readOn(): void
}

let begun: number | undefined
let waiting: Reader[] = []

/** Whether there is time for another read in this turn; for a reader whose last read left more. */
export function mayReadOn(reader: Reader): boolean {
  const now = performance.now()
  if (begun === undefined) {
    begun = now
    setImmediate(endTurn)
  }
  if (now - begun < LONGEST) return true
  waiting.push(reader)
  return false
}

function endTurn(): void {
  begun = undefined
  const readers = waiting
  waiting = []
  for (const reader of readers) reader.readOn()
}
