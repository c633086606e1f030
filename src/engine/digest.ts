/** Tells of what may happen often: the first time at the end of the tick, and then at most once a second, with how often. */

/** Milliseconds between two tellings. */
const QUIET = 1000

export class Digest<Detail> {
  readonly #tell: (count: number, detail: Detail | undefined) => void
  #count = 0
  #detail: Detail | undefined
  /** Told within the last second, or at the end of this tick. */
  #quiet = false
  #timer: NodeJS.Timeout | undefined

  constructor(tell: (count: number, detail: Detail | undefined) => void) {
    this.#tell = tell
  }

  /** Whether what is told next has its detail already. */
  get detailed(): boolean {
    return this.#count > 0 && this.#detail !== undefined
  }

  add(count: number, detail: Detail | undefined): void {
    this.#count += count
    this.#detail = detail ?? this.#detail
    if (this.#quiet) return
    this.#quiet = true
    process.nextTick(this.#next)
  }

  /** Tells what is left to tell. */
  close(): void {
    clearTimeout(this.#timer)
    this.#flush()
  }

  readonly #next = (): void => {
    this.#quiet = this.#count > 0
    if (!this.#quiet) return
    this.#timer = setTimeout(this.#next, QUIET).unref()
    this.#flush()
  }

  #flush(): void {
    const [count, detail] = [this.#count, this.#detail]
    this.#count = 0
    this.#detail = undefined
    if (count > 0) this.#tell(count, detail)
  }
}
