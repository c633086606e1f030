/** Operations that wait their turn, first come first served. Time-outs and signals are the caller's work: it cancels. */

/** One waiting operation. */
export interface Waiting<Item, Result> {
  readonly item: Item
  readonly promise: Promise<Result>
}

interface Entry<Item, Result> extends Waiting<Item, Result> {
  readonly resolve: (result: Result) => void
  readonly reject: (reason: unknown) => void
  previous: Entry<Item, Result> | undefined
  next: Entry<Item, Result> | undefined
  waiting: boolean
}

/** A linked list, because an operation may be cancelled in any place. */
export class WaitingList<Item, Result> {
  #first: Entry<Item, Result> | undefined
  #last: Entry<Item, Result> | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  get first(): Waiting<Item, Result> | undefined {
    return this.#first
  }

  add(item: Item): Waiting<Item, Result> {
    let resolve!: (result: Result) => void
    let reject!: (reason: unknown) => void
    const promise = new Promise<Result>((onResult, onReason) => {
      resolve = onResult
      reject = onReason
    })
    const entry: Entry<Item, Result> = {
      item,
      promise,
      resolve,
      reject,
      previous: this.#last,
      next: undefined,
      waiting: true,
    }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#length++
    return entry
  }

  /** Ends the first operation well. */
  resolveFirst(result: Result): void {
    const entry = this.#first
    if (entry === undefined) return
    this.#remove(entry)
    entry.resolve(result)
  }

  /** Ends one operation badly; false when it had ended before. */
  cancel(waiting: Waiting<Item, Result>, reason: unknown): boolean {
    const entry = waiting as Entry<Item, Result>
    if (!entry.waiting) return false
    this.#remove(entry)
    entry.reject(reason)
    return true
  }

  cancelAll(reason: unknown): void {
    while (this.#first !== undefined) this.cancel(this.#first, reason)
  }

  #remove(entry: Entry<Item, Result>): void {
    entry.waiting = false
    if (entry.previous === undefined) this.#first = entry.next
    else entry.previous.next = entry.next
    if (entry.next === undefined) this.#last = entry.previous
    else entry.next.previous = entry.previous
    this.#length--
  }
}
