/** The terminal as a screen of its own: drawn whole, keys read at once, left as it was. */
import { out } from '../output.ts'
import { CONTROL, type Text } from '../paint.ts'

export class Terminal {
  readonly #onKey: (key: string) => void
  readonly #onResize: () => void
  readonly #read = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) this.#onKey(key)
  }

  constructor(onKey: (key: string) => void, onResize: () => void) {
    this.#onKey = onKey
    this.#onResize = onResize
    out.write(CONTROL.enter)
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
  draw(lines: readonly Text[]): void {
    out.write([CONTROL.home, lines.map(line => [line, CONTROL.endLine]), CONTROL.clearBelow])
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
    out.write(CONTROL.leave)
  }
}
