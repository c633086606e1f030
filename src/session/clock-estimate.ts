/** How far the clock of a peer on another host is ahead of ours: from the time it tells between a PING of ours and the answer. */
import { hostTime } from '../queue/host-time.ts'
import type { Clock, PeerClock } from '../queue/stamp.ts'

/** What two clocks may part in a millisecond: quartz is good to some tens of millionths, adjusting adds to it. */
const DRIFT = 1e-4

export class ClockEstimate implements PeerClock {
  #best: { readonly offset: number; readonly uncertainty: number; readonly at: number } | undefined

  /** Older estimates are less certain. */
  get reading(): Clock | 'unknown' {
    const best = this.#best
    if (best === undefined) return 'unknown'
    return { offset: best.offset, uncertainty: best.uncertainty + DRIFT * (hostTime() - best.at) }
  }

  /** It was `theirs` there at some moment of the `roundTrip` milliseconds that ended at `heard` here: half of them is what is not known. */
  add(theirs: number, heard: number, roundTrip: number): void {
    const uncertainty = roundTrip / 2
    const { reading } = this
    if (reading !== 'unknown' && reading.uncertainty < uncertainty) return
    this.#best = { offset: theirs - (heard - uncertainty), uncertainty, at: heard }
  }
}
