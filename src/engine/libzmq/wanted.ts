/** What a subscribing socket wants: a prefix asked for twice must be given up twice. */
import { keyOf } from '../../bytes.ts'
import type { Frame } from '../../message.ts'

export class Wanted {
  readonly #counts = new Map<string, number>()

  /** True when it was not wanted before. */
  add(prefix: Frame): boolean {
    const key = keyOf(prefix)
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    return count === 0
  }

  /** True when it is wanted no more. */
  delete(prefix: Frame): boolean {
    const key = keyOf(prefix)
    const count = this.#counts.get(key)
    if (count === undefined) return false
    if (count > 1) this.#counts.set(key, count - 1)
    else this.#counts.delete(key)
    return count === 1
  }
}
