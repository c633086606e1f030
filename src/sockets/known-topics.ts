/** What a subscribing socket has found out about topics it received lately, looked up by their bytes: one hash instead of a decoding and three look-ups. */
import type { Frame } from '../message.ts'

interface Entry<Found> {
  readonly bytes: Frame
  readonly found: Found
}

/** Places; topics that fall on the same one take turns. */
const SIZE = 1024
/** Longer topics are not remembered. */
const LONGEST = 64

export class KnownTopics<Found> {
  #entries: (Entry<Found> | undefined)[] = []

  find(topic: Frame): Found | undefined {
    const entry = topic.length > LONGEST ? undefined : this.#entries[placeOf(topic)]
    return entry !== undefined && same(entry.bytes, topic) ? entry.found : undefined
  }

  remember(topic: Frame, found: Found): void {
    if (topic.length > LONGEST) return
    // A copy: the topic is a view of what was read with it.
    this.#entries[placeOf(topic)] = { bytes: Buffer.from(topic), found }
  }

  /** What was found may not hold any more. */
  clear(): void {
    this.#entries = []
  }
}

/** FNV-1a. */
function placeOf(topic: Frame): number {
  let value = 0x811c9dc5
  for (let index = 0; index < topic.length; index++) value = Math.imul(value ^ topic[index]!, 0x01000193)
  return (value ^ (value >>> 15)) & (SIZE - 1)
}

function same(a: Frame, b: Frame): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
