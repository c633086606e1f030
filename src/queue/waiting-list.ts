/** Operations that wait their turn, first come first served. Time-outs and signals are the caller's work: it cancels. */

/** One waiting operation. It stays the same when it is moved to another list. */
export class Waiting<Item, Result> {
  readonly item: Item
  readonly promise: Promise<Result>
  /** Kept by the lists. */
  list: WaitingList<Item, Result> | undefined
  previous: Waiting<Item, Result> | undefined
  next: Waiting<Item, Result> | undefined
  #resolve!: (result: Result) => void
  #reject!: (reason: unknown) => void

  constructor(item: Item) {
    this.item = item
    this.promise = new Promise<Result>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resolve(result: Result): void {
    this.list?.remove(this)
    this.#resolve(result)
  }

  /** False when it has ended before. */
  cancel(reason: unknown): boolean {
    if (this.list === undefined) return false
    this.list.remove(this)
    this.#reject(reason)
    return true
  }
}

/** A linked list, because an operation may be cancelled in any place. */
export class WaitingList<Item, Result> {
  #first: Waiting<Item, Result> | undefined
  #last: Waiting<Item, Result> | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  get first(): Waiting<Item, Result> | undefined {
    return this.#first
  }

  add(item: Item): Waiting<Item, Result> {
    const waiting = new Waiting<Item, Result>(item)
    this.append(waiting)
    return waiting
  }

  /** Puts an operation at the end, taking it out of the list it was in. */
  append(waiting: Waiting<Item, Result>): void {
    waiting.list?.remove(waiting)
    waiting.list = this
    waiting.previous = this.#last
    if (this.#last === undefined) this.#first = waiting
    else this.#last.next = waiting
    this.#last = waiting
    this.#length++
  }

  /** Puts an operation at the beginning, taking it out of the list it was in. */
  prepend(waiting: Waiting<Item, Result>): void {
    waiting.list?.remove(waiting)
    waiting.list = this
    waiting.next = this.#first
    if (this.#first === undefined) this.#last = waiting
    else this.#first.previous = waiting
    this.#first = waiting
    this.#length++
  }

  remove(waiting: Waiting<Item, Result>): void {
    if (waiting.list !== this) return
    if (waiting.previous === undefined) this.#first = waiting.next
    else waiting.previous.next = waiting.next
    if (waiting.next === undefined) this.#last = waiting.previous
    else waiting.next.previous = waiting.previous
    waiting.list = waiting.previous = waiting.next = undefined
    this.#length--
  }

  cancelAll(reason: unknown): void {
    while (this.#first !== undefined) this.#first.cancel(reason)
  }
}
