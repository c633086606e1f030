/** A progress bar on standard error, so that standard output holds results only. Off a terminal: a line a case at most. */
const WIDTH = 24

export class Progress {
  readonly #total: number
  readonly #began = performance.now()
  readonly #terminal = process.stderr.isTTY === true
  #done = -1
  #label = ''

  constructor(total: number) {
    this.#total = total
  }

  /** A step begins; the one before is done. */
  step(label: string): void {
    this.#done++
    this.#label = label
    if (this.#terminal) process.stderr.write(`\r\x1b[K${this.#bar()}`)
    else if (this.#done % Math.max(1, Math.floor(this.#total / 20)) === 0)
      process.stderr.write(`${this.#bar()}\n`)
  }

  /** A line that stays. */
  say(line: string): void {
    process.stderr.write(this.#terminal ? `\r\x1b[K${line}\n` : `${line}\n`)
  }

  end(): void {
    if (this.#terminal) process.stderr.write('\r\x1b[K')
  }

  #bar(): string {
    const share = this.#total === 0 ? 1 : this.#done / this.#total
    const filled = Math.round(share * WIDTH)
    const seconds = (performance.now() - this.#began) / 1000
    const left =
      this.#done === 0 ? '' : `, ${Math.ceil((seconds / this.#done) * (this.#total - this.#done))} s left`
    return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${this.#done}/${this.#total}${left}  ${this.#label}`
  }
}
