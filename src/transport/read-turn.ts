/** Fairness towards the event loop: libuv reads a socket that always has more up to 32 times in a row, and what each read brings is worked off at once. */

/** Milliseconds of one turn. At 16-byte messages 32 reads take over 50. */
const LONGEST = 5

/** What reads. */
export interface Reading {
  /** The next turn has come. */
  readOn(): void
}

let begun: number | undefined
let waiting: Reading[] = []

/** To be asked after a read that left more: whether this turn has time for another; if not, it may read on in the next one. */
export function mayReadOn(reading: Reading): boolean {
  const now = performance.now()
  if (begun === undefined) {
    begun = now
    setImmediate(endTurn)
  }
  if (now - begun < LONGEST) return true
  waiting.push(reading)
  return false
}

function endTurn(): void {
  begun = undefined
  const readings = waiting
  waiting = []
  for (const reading of readings) reading.readOn()
}
