/** How many messages a peer is known to have got: each PING carries the count so far, its PONG brings it back. */
import type { Frame } from '../message.ts'

/** A count and a time, eight bytes each: as long as a PING's context may be. */
const CONTEXT_SIZE = 16

export class Coverage {
  /** Messages handed to the kernel. */
  written = 0
  /** Of these, known to have arrived. */
  covered = 0
  /** A PING that nothing unread can hold up is not answered. */
  owed = false
  /** Milliseconds of the last answered PING. */
  roundTrip: number | undefined

  get uncovered(): number {
    return this.written - this.covered
  }

  /** What to put into a PING sent now. */
  context(): Frame {
    if (this.uncovered === 0) this.owed = true
    const context = Buffer.alloc(CONTEXT_SIZE)
    context.writeDoubleBE(this.written)
    context.writeDoubleBE(performance.now(), 8)
    return context
  }

  /** Takes the context of a PONG; false for one that we cannot have sent, which proves nothing. */
  answered(context: Frame): boolean {
    if (context.length !== CONTEXT_SIZE) return false
    const bytes = Buffer.from(context.buffer, context.byteOffset, CONTEXT_SIZE)
    const count = bytes.readDoubleBE()
    const roundTrip = performance.now() - bytes.readDoubleBE(8)
    if (!Number.isInteger(count) || count < this.covered || count > this.written || !(roundTrip >= 0))
      return false
    this.covered = count
    this.owed = false
    this.roundTrip = roundTrip
    return true
  }
}
