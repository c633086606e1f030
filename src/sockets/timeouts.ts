/** Time-outs of many operations on few timers: one of Node's own, set and cleared for each, costs a twentieth of a round trip. */

/** What may run out of time. */
export interface Expiring {
  /** Milliseconds. */
  readonly timeout: number
  /** Kept by the time-outs: when it falls due, as `performance.now` tells time. */
  due: number
}

/** How many may expire in one turn of the event loop: a thousand requests that end so take about 5 ms. */
const AT_ONCE = 1000

export class Timeouts<Operation extends Expiring> {
  readonly #expired: (operation: Operation) => void
  readonly #unref: boolean
  /** By length: operations of one length fall due in the order they began. */
  readonly #lines = new Map<number, Line<Operation>>()

  /** `unref`: operations that run do not keep the process alive. */
  constructor(expired: (operation: Operation) => void, unref: boolean) {
    this.#expired = expired
    this.#unref = unref
  }

  /** The operation's time begins, anew if it has begun before. */
  start(operation: Operation): void {
    const { timeout } = operation
    let line = this.#lines.get(timeout)
    if (line === undefined) {
      line = new Line(this.#expired, () => this.#lines.delete(timeout), this.#unref)
      this.#lines.set(timeout, line)
    }
    line.add(operation)
  }

  stop(operation: Operation): void {
    this.#lines.get(operation.timeout)?.delete(operation)
  }

  /** What runs, also without a limit. */
  *[Symbol.iterator](): IterableIterator<Operation> {
    for (const line of this.#lines.values()) yield* line.running
  }

  /** Nothing runs any more. */
  clear(): void {
    for (const line of this.#lines.values()) line.clear()
    this.#lines.clear()
  }
}

class Line<Operation extends Expiring> {
  readonly running = new Set<Operation>()
  readonly #expired: (operation: Operation) => void
  readonly #idle: () => void
  readonly #unref: boolean
  #timer: NodeJS.Timeout | undefined
  #looking = false

  constructor(expired: (operation: Operation) => void, idle: () => void, unref: boolean) {
    this.#expired = expired
    this.#idle = idle
    this.#unref = unref
  }

  add(operation: Operation): void {
    const { running } = this
    running.delete(operation)
    operation.due = performance.now() + operation.timeout
    running.add(operation)
    if (operation.timeout === Infinity) return
    if (this.#timer === undefined) {
      if (!this.#looking) this.#arm(operation.timeout)
    } else if (running.size === 1 && !this.#unref) this.#timer.ref()
  }

  /** The timer goes on, and finds out when it fires; meanwhile it keeps no process alive. */
  delete(operation: Operation): void {
    if (this.running.delete(operation) && this.running.size === 0) this.#timer?.unref()
  }

  clear(): void {
    this.running.clear()
    clearTimeout(this.#timer)
  }

  #arm(delay: number): void {
    this.#timer = setTimeout(this.#look, Math.ceil(delay))
    if (this.#unref) this.#timer.unref()
  }

  readonly #look = (): void => {
    this.#timer = undefined
    this.#looking = true
    const now = performance.now()
    let left = AT_ONCE
    for (const operation of this.running) {
      // Timers may be early by less than a millisecond.
      if (operation.due - now >= 1 || left-- === 0) break
      this.running.delete(operation)
      this.#expired(operation)
    }
    this.#looking = false
    const [next] = this.running
    if (next === undefined) this.#idle()
    else this.#arm(Math.max(0, next.due - performance.now()))
  }
}
