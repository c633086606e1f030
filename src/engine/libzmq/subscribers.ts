/** What the peers of a publishing socket are subscribed to, as libzmq tells it: the prefix, and never whose it is. */
import { keyOf } from '../../bytes.ts'
import type { Frame } from '../../message.ts'
import { Prefixes } from '../../routing/prefixes.ts'

export const SUBSCRIBED = 1
export const CANCELLED = 0

interface Subscribed {
  count: number
}

export class Subscribers {
  readonly #all = new Set<Subscribed>()
  readonly #byPrefix = new Prefixes<Subscribed>()

  /** Takes down a notice; answers whether it is the first of its prefix, or ends the last. */
  note(notice: Frame): boolean {
    const prefix = keyOf(notice.subarray(1))
    const known = this.#byPrefix.get(prefix)
    if (notice[0] === SUBSCRIBED) {
      if (known === undefined) this.#add(prefix)
      else known.count++
      return known === undefined
    }
    if (known === undefined) return true
    if (--known.count > 0) return false
    this.#all.delete(known)
    this.#byPrefix.delete(prefix)
    return true
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

  #add(prefix: string): void {
    const subscribed = { count: 1 }
    this.#all.add(subscribed)
    this.#byPrefix.set(prefix, subscribed)
  }

  #matching(topic: Frame | undefined): Iterable<Subscribed> {
    return topic === undefined ? this.#all : this.#byPrefix.match(keyOf(topic))
  }
}

/** Whether a message that XPUB receives is a subscription or the end of one. */
export function isNotice(parts: readonly Frame[]): boolean {
  const first = parts[0]![0]
  return parts.length === 1 && (first === SUBSCRIBED || first === CANCELLED)
}
