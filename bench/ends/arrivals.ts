/** Counts what callbacks bring, for systems that push messages at their reader instead of being asked. */
export class Arrivals {
  #count = 0
  #wanted = Infinity
  #resolve: (() => void) | undefined

  add(count: number): void {
    this.#count += count
    if (this.#count >= this.#wanted) this.#resolve?.()
  }

  /** Takes so many off the count, when they are there. One caller at a time. */
  async take(count: number): Promise<void> {
    if (this.#count < count) {
      await new Promise<void>(resolve => {
        this.#wanted = count
        this.#resolve = resolve
      })
      this.#wanted = Infinity
    }
    this.#count -= count
  }
}
