/** The stamps of the messages in one queue, in their order. */
import type { PathTimes } from './path-times.ts'
import { Ring } from './ring.ts'
import type { Stamp } from './stamp.ts'

export class Stamps {
  readonly #ring = new Ring<Stamp | undefined>()
  /** Where the writer counts what it has queued. */
  readonly sent: PathTimes[] = []
  /** Of the message that was read last. */
  last: Stamp | undefined

  push(stamp: Stamp | undefined): void {
    this.#ring.push(stamp)
    if (stamp !== undefined) for (const times of this.sent) times.queued(stamp.queued - stamp.produced)
  }

  /** The next message was read. */
  next(): void {
    this.last = this.#ring.shift()
  }

  /** The next message was dropped unread. */
  drop(): void {
    this.#ring.shift()
  }

  /** The next message goes back to the writer, who may queue it elsewhere. */
  takeBack(): Stamp | undefined {
    const stamp = this.#ring.shift()
    if (stamp !== undefined) for (const times of this.sent) times.sent--
    return stamp
  }

  removeAt(index: number): void {
    this.#ring.removeAt(index)
  }
}
