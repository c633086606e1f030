/** Subscriptions, counted by their prefix: those of one socket, or those of the peers of a publisher, of which libzmq does not tell whose they are. */
import { keyOf } from '../../bytes.ts'
import type { Frame } from '../../message.ts'
import { Prefixes } from '../../routing/prefixes.ts'

interface Counted {
  count: number
}

export class SubscriptionCounts {
  readonly #all = new Set<Counted>()
  readonly #byPrefix = new Prefixes<Counted>()

  /** How many there are now of this prefix. */
  add(prefix: Frame): number {
    const key = keyOf(prefix)
    const counted = this.#byPrefix.get(key)
    if (counted !== undefined) return ++counted.count
    const first = { count: 1 }
    this.#all.add(first)
    this.#byPrefix.set(key, first)
    return 1
  }

  /** How many are left of this prefix; -1 when there was none. */
  delete(prefix: Frame): number {
    const key = keyOf(prefix)
    const counted = this.#byPrefix.get(key)
    if (counted === undefined) return -1
    if (--counted.count > 0) return counted.count
    this.#all.delete(counted)
    this.#byPrefix.delete(key)
    return 0
  }

  /** Peers that certainly would get a message with this topic (undefined: with some topic). */
  certain(topic: Frame | undefined): number {
    let most = 0
    for (const { count } of this.#matching(topic)) most = Math.max(most, count)
    return most
  }

  /** Peers that may, if no two of the subscriptions are one peer's. */
  possible(topic: Frame | undefined): number {
    let sum = 0
    for (const { count } of this.#matching(topic)) sum += count
    return sum
  }

  #matching(topic: Frame | undefined): Iterable<Counted> {
    return topic === undefined ? this.#all : this.#byPrefix.match(keyOf(topic))
  }
}
