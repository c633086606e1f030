/** What the demo shows: a progress bar while it runs, a table when it is done. */
import type { Progress, Share, Summary } from './contracts.ts'

const WIDTH = 30

/** One line that is drawn over and over on a terminal; elsewhere only its last state is printed. */
export class ProgressBar {
  readonly #begun = performance.now()
  #last: Progress | undefined

  show(progress: Progress): void {
    this.#last = progress
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${this.#line(progress)}`)
  }

  end(): void {
    if (this.#last === undefined) return
    if (process.stdout.isTTY) process.stdout.write('\n')
    else console.log(this.#line(this.#last))
  }

  #line({ files, total, bytes }: Progress): string {
    const seconds = (performance.now() - this.#begun) / 1000
    const done = total === undefined ? undefined : total === 0 ? 1 : files / total
    const bar =
      done === undefined ? '·'.repeat(WIDTH) : '█'.repeat(Math.round(done * WIDTH)).padEnd(WIDTH, '░')
    const share = done === undefined ? 'counting' : `${Math.floor(done * 100)} %`
    return `${bar} ${share.padStart(8)}  ${files} files  ${megabytes(bytes)} MB  ${seconds.toFixed(1)} s`
  }
}

export function table(summary: Summary): string {
  const rows = [
    ['worker', 'files', 'MB', 'files/s', 'produce ms', 'queue ms', 'consume ms'],
    ...summary.workers.map(share => row(`${share.worker + 1}`, share, summary.seconds)),
    ['all', `${summary.files}`, megabytes(summary.bytes), rate(summary.files, summary.seconds), '', '', ''],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  const lines = rows.map(cells => cells.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
  return [...lines.slice(0, 1), '-'.repeat(lines[0]!.length), ...lines.slice(1)].join('\n')
}

function row(name: string, share: Share, seconds: number): string[] {
  const split = ([median, high]: readonly [number, number]) => `${median.toFixed(2)} / ${high.toFixed(2)}`
  const { files, bytes, produce, queue, consume } = share
  return [
    name,
    `${files}`,
    megabytes(bytes),
    rate(files, seconds),
    split(produce),
    split(queue),
    split(consume),
  ]
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

function rate(files: number, seconds: number): string {
  return seconds > 0 ? (files / seconds).toFixed(0) : '-'
}
