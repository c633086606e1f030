/** Fairness towards the event loop: libuv reads a socket that always has more up to 32 times in a row, and what each read brings is worked off at once. */

/** Milliseconds of one turn. At 16-byte messages 32 reads take over 50. */
const LONGEST = 5

let begun: number | undefined
const waiting: (() => void)[] = []

/** To be asked after a read that left more: whether this turn has time for another; if not, `later` is called in the next turn. */
export function mayReadOn(later: () => void): boolean {
  const now = performance.now()
  if (begun === undefined) {
    begun = now
    setImmediate(endTurn)
  }
  if (now - begun < LONGEST) return true
  waiting.push(later)
  return false
}

function endTurn(): void {
  begun = undefined
  for (const later of waiting.splice(0)) later()
}
