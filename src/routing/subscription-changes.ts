/** Changes of subscriptions that wait for their reader: all of them up to a mark, then what they come to, so that none is lost and they stay few. */
import { fromKey, keyOf } from '../bytes.ts'
import type { Frame } from '../message.ts'
import type { Marks } from '../queue/queue-ends.ts'
import { Ring } from '../queue/ring.ts'
import { CANCEL, SUBSCRIBE, type SubscriptionKind, subscriptionMessage } from '../subscription-message.ts'
import { Prefixes } from './prefixes.ts'

const NONE: Marks = { messages: 0, bytes: 0 }

/** What the reader has to be told of one prefix: that it is cancelled, then that it is subscribed to. */
interface Change {
  readonly key: string
  /** How many changes began to wait before this one. */
  readonly order: number
  /** Whether the reader believes, by then, that the prefix is held. */
  readonly told: boolean
  cancel: boolean
  subscribe: boolean
}

export class SubscriptionChanges {
  readonly #marks: Marks
  /** Each change as it was, up to the marks. */
  readonly #exact = new Ring<{ readonly change: Frame; readonly order: number }>()
  #exactBytes = 0
  /** What came later, oldest first, and by prefix. */
  readonly #pending = new Set<Change>()
  readonly #byPrefix = new Prefixes<Change>()
  /** Asked only while something is pending, so that it never ends. A new one would pass all that were deleted, each time. */
  #cursor = this.#pending.values()
  /** Deleted since the cursor is this one: it keeps a trace of each, 50 to 150 bytes, until it is asked. */
  #undone = 0
  /** What is being told; no longer in `#pending`. */
  #current: Change | undefined
  #order = 0

  /** `marks`: what may wait before changes undo each other. */
  constructor(marks: Marks = NONE) {
    this.#marks = marks
  }

  /** How many changes have begun to wait so far. */
  get begun(): number {
    return this.#order
  }

  /** `fresh`: no peer held the prefix before. */
  subscribed(prefix: Frame, fresh: boolean): void {
    if (!this.#wait(SUBSCRIBE, prefix)) this.#changeOf(keyOf(prefix), !fresh).subscribe = true
  }

  /** No peer holds the prefix any more. */
  cancelled(prefix: Frame): void {
    if (this.#wait(CANCEL, prefix)) return
    const change = this.#changeOf(keyOf(prefix), true)
    change.subscribe = false
    change.cancel = change.told
    if (!change.told) this.#undo(change)
  }

  /** The `order` of what `take` would return. */
  get next(): number | undefined {
    return (this.#exact.peek() ?? this.#first())?.order
  }

  /** The next change, as it travels. */
  take(): Frame | undefined {
    const exact = this.#exact.shift()
    if (exact !== undefined) {
      this.#exactBytes -= exact.change.length
      return exact.change
    }
    const change = this.#first()
    if (change === undefined) return undefined
    const kind = change.cancel ? CANCEL : SUBSCRIBE
    if (kind === CANCEL) change.cancel = false
    else change.subscribe = false
    if (!change.subscribe) this.#current = undefined
    return subscriptionMessage(kind, fromKey(change.key))
  }

  /** Keeps the change as it is; false at the mark, and while others wait that came after the mark. */
  #wait(kind: SubscriptionKind, prefix: Frame): boolean {
    const { messages, bytes } = this.#marks
    if (this.#exact.length >= messages || this.#exactBytes >= bytes) return false
    if (this.#pending.size > 0 || this.#current !== undefined) return false
    const change = subscriptionMessage(kind, prefix)
    this.#exact.push({ change, order: this.#order++ })
    this.#exactBytes += change.length
    return true
  }

  #first(): Change | undefined {
    if (this.#current !== undefined || this.#pending.size === 0) return this.#current
    this.#current = this.#cursor.next().value as Change
    this.#undone = 0
    this.#delete(this.#current)
    return this.#current
  }

  #undo(change: Change): void {
    this.#delete(change)
    if (++this.#undone <= this.#pending.size) return
    this.#undone = 0
    this.#cursor = this.#pending.values()
  }

  #delete(change: Change): void {
    this.#pending.delete(change)
    this.#byPrefix.delete(change.key)
  }

  #changeOf(key: string, told: boolean): Change {
    let change = this.#byPrefix.get(key)
    if (change === undefined) {
      change = { key, order: this.#order++, told, cancel: false, subscribe: false }
      this.#pending.add(change)
      this.#byPrefix.set(key, change)
    }
    return change
  }
}
