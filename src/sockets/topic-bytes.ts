/** The bytes of topics that were sent lately: a look-up costs a third of encoding the text anew. */
import { utf8 } from '../bytes.ts'
import type { Frame } from '../message.ts'

/** Topics remembered; when there are more, all are forgotten. */
const REMEMBERED = 16_384
/** Longer topics are encoded each time, so that what is remembered is bounded. */
const LONGEST = 256

export class TopicBytes {
  readonly #known = new Map<string, Frame>()

  /** Shared by all messages of this topic: it must not be changed. */
  of(topic: string): Frame {
    const known = this.#known.get(topic)
    if (known !== undefined) return known
    const bytes = utf8(topic)
    if (topic.length > LONGEST) return bytes
    if (this.#known.size === REMEMBERED) this.#known.clear()
    this.#known.set(topic, bytes)
    return bytes
  }
}
