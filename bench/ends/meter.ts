/** The clock of a receiving process: warm-up from the first message on, then one window that counts. */
export class Meter {
  readonly #warmUp: number
  readonly #window: number
  #count = 0
  #began = 0
  #phase: 'idle' | 'warming' | 'counting' = 'idle'

  /** Milliseconds each. */
  constructor(warmUp: number, window: number) {
    this.#warmUp = warmUp
    this.#window = window
  }

  /** Called with what has come since the last call; the rate in messages a second once the window is over. */
  add(count: number): number | undefined {
    const now = performance.now()
    const elapsed = now - this.#began
    switch (this.#phase) {
      case 'idle':
        this.#phase = 'warming'
        this.#began = now
        return undefined
      case 'warming':
        if (elapsed < this.#warmUp) return undefined
        this.#phase = 'counting'
        this.#began = now
        return undefined
      case 'counting':
        this.#count += count
        return elapsed < this.#window ? undefined : this.#count / (elapsed / 1000)
    }
  }
}
