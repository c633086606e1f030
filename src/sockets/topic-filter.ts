/** Which topics a subscriber asked for, as it wrote them: the engine filters by prefix, which is coarser than an exact key. */
import { isTopicPattern, prefixOf, TopicTable } from './topic-table.ts'

export class TopicFilter {
  readonly #isExact: (topic: string) => boolean
  /** How often each subscription was made. */
  readonly #subscriptions = new Map<string, number>()
  #exact = new Set<string>()
  #prefixes: string[] = []
  #patterns = new TopicTable<undefined>([])
  /** The subscriptions have changed; sorted at the next look, so that 10,000 of them are sorted once. */
  #stale = false

  /** `isExact`: whether the contract has this subscription as a key that is not a pattern. */
  constructor(isExact: (topic: string) => boolean) {
    this.#isExact = isExact
  }

  add(subscription: string): void {
    this.#subscriptions.set(subscription, (this.#subscriptions.get(subscription) ?? 0) + 1)
    this.#stale = true
  }

  /** False when it was not subscribed to. */
  delete(subscription: string): boolean {
    const count = this.#subscriptions.get(subscription)
    if (count === undefined) return false
    if (count > 1) this.#subscriptions.set(subscription, count - 1)
    else this.#subscriptions.delete(subscription)
    this.#stale = true
    return true
  }

  /** Whether the subscriber wants a topic that the engine let through: prefixes have been checked, exact keys have not. */
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
    return this.#subscriptions.has(topic) ? topic : (this.#patterns.find(topic)?.key ?? topic)
  }

  #sort(): void {
    this.#stale = false
    const all = [...this.#subscriptions.keys()]
    this.#exact = new Set(all.filter(this.#isExact))
    this.#prefixes = all.filter(each => !this.#isExact(each)).map(prefixOf)
    this.#patterns = new TopicTable(all.filter(isTopicPattern).map(each => [each, undefined]))
  }
}
