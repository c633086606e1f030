/** What a subscriber asked for, in its own words: prefixes for the engine are coarser than exact keys. */
import { isPattern, prefixOf, TopicTable } from './topics.ts'

export class Interest {
  readonly #isExact: (topic: string) => boolean
  /** How often each word was subscribed to. */
  readonly #words = new Map<string, number>()
  #exact = new Set<string>()
  #prefixes: string[] = []
  #patterns = new TopicTable<undefined>([])
  /** The words have changed; sorted at the next look, so that 10,000 of them are sorted once. */
  #stale = false

  /** `isExact`: whether the contract has this word as a key that is no pattern. */
  constructor(isExact: (topic: string) => boolean) {
    this.#isExact = isExact
  }

  add(word: string): void {
    this.#words.set(word, (this.#words.get(word) ?? 0) + 1)
    this.#stale = true
  }

  /** False when it was not subscribed to. */
  delete(word: string): boolean {
    const count = this.#words.get(word)
    if (count === undefined) return false
    if (count > 1) this.#words.set(word, count - 1)
    else this.#words.delete(word)
    this.#stale = true
    return true
  }

  /** The engine has seen to prefixes; only exact keys need another look. */
  includes(topic: string): boolean {
    if (this.#stale) this.#sort()
    return (
      this.#exact.size === 0 ||
      this.#exact.has(topic) ||
      this.#prefixes.some(prefix => topic.startsWith(prefix))
    )
  }

  /** The key of a topic where no contract names one: the pattern that was subscribed to, else the topic. */
  keyOf(topic: string): string {
    if (this.#stale) this.#sort()
    return this.#words.has(topic) ? topic : (this.#patterns.find(topic)?.key ?? topic)
  }

  #sort(): void {
    this.#stale = false
    const words = [...this.#words.keys()]
    this.#exact = new Set(words.filter(this.#isExact))
    this.#prefixes = words.filter(word => !this.#isExact(word)).map(prefixOf)
    this.#patterns = new TopicTable(words.filter(isPattern).map(word => [word, undefined]))
  }
}
