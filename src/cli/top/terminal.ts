/** The terminal as a screen of its own: drawn whole, keys read at once, left as it was. */

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

export class Terminal {
  readonly #onKey: (key: string) => void
  readonly #onResize: () => void
  readonly #read = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) this.#onKey(key)
  }

  constructor(onKey: (key: string) => void, onResize: () => void) {
    this.#onKey = onKey
    this.#onResize = onResize
    process.stdout.write(ENTER)
    process.stdout.on('resize', this.#onResize)
    if (!process.stdin.isTTY) return
    process.stdin.setRawMode(true)
    process.stdin.on('data', this.#read)
  }

  get rows(): number {
    return process.stdout.rows ?? 24
  }

  get columns(): number {
    return process.stdout.columns ?? 80
  }

  /** Lines that are not painted yet are cut to the width beforehand, with `fit`. */
  draw(lines: readonly string[]): void {
    process.stdout.write(HOME + lines.map(line => `${line}${CLEAR_LINE}`).join('\r\n') + CLEAR_BELOW)
  }

  fit(line: string): string {
    return line.slice(0, this.columns)
  }

  close(): void {
    process.stdout.off('resize', this.#onResize)
    if (process.stdin.isTTY) {
      process.stdin.off('data', this.#read)
      process.stdin.setRawMode(false)
      process.stdin.pause()
    }
    process.stdout.write(LEAVE)
  }
}
