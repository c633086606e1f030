/** Counts dropped messages by cause, and tells of them at most once a second and cause. */
import type { DropCause } from '../routing/routing-strategy.ts'
import type { PeerReference, SocketEvents } from './events.ts'

/** Milliseconds between two `message:dropped` events of one cause. */
const QUIET = 1000

interface Untold {
  count: number
  peer: PeerReference | undefined
  timer: NodeJS.Timeout | undefined
}

export class Drops {
  readonly #events: SocketEvents
  readonly #counts: Partial<Record<DropCause, number>> = {}
  readonly #untold = new Map<DropCause, Untold>()

  constructor(events: SocketEvents) {
    this.#events = events
  }

  get counts(): Readonly<Partial<Record<DropCause, number>>> {
    return { ...this.#counts }
  }

  get total(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
  }

  /** Whether the next event of this cause has its peer already: then `add` needs none, and a message that is dropped costs no object. */
  names(cause: DropCause): boolean {
    const untold = this.#untold.get(cause)
    return untold !== undefined && untold.count > 0 && untold.peer !== undefined
  }

  /** The first of a cause is told at once, at the end of the tick; what follows within a second, together. */
  add(cause: DropCause, count: number, peer: PeerReference | undefined): void {
    this.#counts[cause] = (this.#counts[cause] ?? 0) + count
    const untold = this.#untold.get(cause)
    if (untold === undefined) {
      const first: Untold = { count, peer, timer: undefined }
      this.#untold.set(cause, first)
      process.nextTick(() => this.#tell(cause, first))
    } else {
      untold.count += count
      untold.peer = peer ?? untold.peer
    }
  }

  /** Tells what is left to tell. */
  close(): void {
    for (const [cause, untold] of this.#untold) {
      clearTimeout(untold.timer)
      this.#emit(cause, untold)
    }
    this.#untold.clear()
  }

  #tell(cause: DropCause, untold: Untold): void {
    if (this.#untold.get(cause) !== untold) return
    if (untold.count === 0) {
      this.#untold.delete(cause)
      return
    }
    this.#emit(cause, untold)
    untold.timer = setTimeout(() => this.#tell(cause, untold), QUIET).unref()
  }

  #emit(cause: DropCause, untold: Untold): void {
    const { count, peer } = untold
    untold.count = 0
    untold.peer = undefined
    if (count > 0) this.#events.emit('message:dropped', { cause, count, peer })
  }
}
