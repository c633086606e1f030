/** What the peers of a publishing socket are subscribed to, as libzmq tells it: the prefix, and never whose it is. */
import { type Frame, keyOf } from '../../message.ts'

export const SUBSCRIBED = 1
export const CANCELLED = 0

export class Subscribers {
  readonly #counts = new Map<string, number>()

  /** Takes down a notice; answers whether it is the first of its prefix, or ends the last. */
  note(notice: Frame): boolean {
    const prefix = keyOf(notice.subarray(1))
    const before = this.#counts.get(prefix) ?? 0
    const now = notice[0] === SUBSCRIBED ? before + 1 : before - 1
    if (now > 0) this.#counts.set(prefix, now)
    else this.#counts.delete(prefix)
    return before === 0 || now === 0
  }

  /** Peers that certainly would get a message with this topic (undefined: with some topic). */
  certain(topic: Frame | undefined): number {
    return Math.max(0, ...this.#matching(topic))
  }

  /** Peers that may, if no two of the subscriptions are one peer's. */
  possible(topic: Frame | undefined): number {
    return this.#matching(topic).reduce((sum, count) => sum + count, 0)
  }

  #matching(topic: Frame | undefined): number[] {
    const wanted = topic === undefined ? undefined : keyOf(topic)
    return [...this.#counts]
      .filter(([prefix]) => wanted === undefined || wanted.startsWith(prefix))
      .map(([, count]) => count)
  }
}

/** Whether a message that XPUB receives is a subscription or the end of one. */
export function isNotice(parts: readonly Frame[]): boolean {
  const first = parts[0]![0]
  return parts.length === 1 && (first === SUBSCRIBED || first === CANCELLED)
}
