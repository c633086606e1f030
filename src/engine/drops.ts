/** Counts dropped messages by cause, and tells of them at most once a second and cause. */
import type { DropCause } from '../routing/routing-strategy.ts'
import { Digest } from './digest.ts'
import type { PeerReference, SocketEvents } from './events.ts'

export class Drops {
  readonly #events: SocketEvents
  readonly #counts: Partial<Record<DropCause, number>> = {}
  readonly #digests = new Map<DropCause, Digest<PeerReference>>()

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
    return this.#digests.get(cause)?.detailed === true
  }

  /** The first of a cause is told at once, at the end of the tick; what follows within a second, together. */
  add(cause: DropCause, count: number, peer: PeerReference | undefined): void {
    this.#counts[cause] = (this.#counts[cause] ?? 0) + count
    let digest = this.#digests.get(cause)
    if (digest === undefined) {
      digest = new Digest((count, peer) => this.#events.emit('message:dropped', { cause, count, peer }))
      this.#digests.set(cause, digest)
    }
    digest.add(count, peer)
  }

  /** Tells what is left to tell. */
  close(): void {
    for (const digest of this.#digests.values()) digest.close()
  }
}
