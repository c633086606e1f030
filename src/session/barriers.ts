/** Those who wait until the peer has so many messages. */
interface Barrier {
  readonly count: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Barriers {
  #barriers: Barrier[] = []

  /** Whether anybody waits. */
  get standing(): boolean {
    return this.#barriers.length > 0
  }

  /** Resolves once `reached` is called with this count or more. */
  add(count: number): Promise<void> {
    return new Promise((resolve, reject) => this.#barriers.push({ count, resolve, reject }))
  }

  reached(count: number): void {
    if (this.#barriers.length === 0) return
    const done = this.#barriers.filter(barrier => barrier.count <= count)
    this.#barriers = this.#barriers.filter(barrier => barrier.count > count)
    for (const { resolve } of done) resolve()
  }

  fail(error: Error): void {
    for (const { reject } of this.#barriers.splice(0)) reject(error)
  }
}
