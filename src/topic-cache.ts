/** What was found out about topics lately, looked up by their bytes. */
import type { Frame } from './message.ts'

interface Entry<Found> {
  readonly topic: Frame
  readonly found: Found
}

/** Topics remembered; when there are more, all are forgotten. */
export const MAX_TOPICS = 16_384
/** Longer topics are not remembered, so that what is remembered is bounded: 4 MiB of topics. */
export const LONGEST_TOPIC = 256

export class TopicCache<Found> {
  /** By a hash of the topic; of two with one hash the later stays. */
  readonly #entries = new Map<number, Entry<Found>>()
  /** Found last: a run of one topic costs no hash. */
  #last: Entry<Found> | undefined

  find(topic: Frame): Found | undefined {
    const last = this.#last
    if (last !== undefined && same(last.topic, topic)) return last.found
    const entry = topic.length > LONGEST_TOPIC ? undefined : this.#entries.get(hash(topic))
    if (entry === undefined || !same(entry.topic, topic)) return undefined
    this.#last = entry
    return entry.found
  }

  remember(topic: Frame, found: Found): void {
    if (topic.length > LONGEST_TOPIC) return
    if (this.#entries.size === MAX_TOPICS) this.#entries.clear()
    // A copy: the topic is a view of what was read or sent with it. No Buffer: each would hold 8 KiB of Node's pool.
    this.#entries.set(hash(topic), { topic: new Uint8Array(topic), found })
  }

  /** What was found may not hold any more. */
  clear(): void {
    if (this.#entries.size > 0) this.#entries.clear()
    this.#last = undefined
  }
}

/** FNV-1a, of 30 bits: a small integer to V8. */
function hash(topic: Frame): number {
  let value = 0x811c9dc5
  for (let index = 0; index < topic.length; index++) value = Math.imul(value ^ topic[index]!, 0x01000193)
  return (value ^ (value >>> 15)) & 0x3fffffff
}

function same(a: Frame, b: Frame): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
