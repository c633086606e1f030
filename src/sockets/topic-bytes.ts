/** The bytes of topics that were sent lately: a look-up costs a third of encoding the text anew. */

/** Topics remembered; when there are more, all are forgotten. */
const REMEMBERED = 16_384
/** Longer topics are encoded each time, so that what is remembered is bounded. */
const LONGEST = 256

export class TopicBytes {
  readonly #known = new Map<string, Buffer>()

  /** Shared by all messages of this topic: it must not be changed. */
  of(topic: string): Buffer {
    const known = this.#known.get(topic)
    if (known !== undefined) return known
    const bytes = Buffer.from(topic)
    if (topic.length > LONGEST) return bytes
    if (this.#known.size === REMEMBERED) this.#known.clear()
    this.#known.set(topic, bytes)
    return bytes
  }
}
