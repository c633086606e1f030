/** Drawing with characters: progress bars, histograms, tables. Pure: text in, text out. */
import { oneLine } from './exit.ts'

const FULL = '█'
const EMPTY = '░'

/** A bar `width` wide, filled to `share` (0 to 1). */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width)
  return FULL.repeat(filled) + EMPTY.repeat(width - filled)
}

/** A peer chooses what stands in a cell, and one long cell would widen its column in every row. Wider ones push theirs to the right. */
const MAX_WIDTH = 100

/** Columns as wide as their widest cell; numbers to the right. Each row is one line, whatever is in its cells. */
export function table(cells: readonly (readonly string[])[], gap = '  '): string[] {
  const rows = cells.map(row => row.map(oneLine))
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.min(MAX_WIDTH, Math.max(widths[column] ?? 0, cell.length))
    })
  }
  const numeric = widths.map((_, column) => rows.slice(1).every(row => /^(\d|-$|$)/.test(row[column] ?? '')))
  return rows.map(row =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join(gap)
      .trimEnd(),
  )
}

/** A row for each of `rows` ranges of equal ratio between the smallest and the largest value: latencies have long tails. */
export function histogram(values: readonly number[], rows: number, width: number): string[] {
  const sorted = [...values].sort((a, b) => a - b)
  const least = Math.max(sorted[0] ?? 0, 1e-9)
  const most = sorted.at(-1) ?? 0
  const ratio = (most / least) ** (1 / rows)
  const counts = Array.from({ length: rows }, () => 0)
  for (const value of sorted) {
    const row = ratio > 1 ? Math.floor(Math.log(value / least) / Math.log(ratio)) : 0
    counts[Math.min(rows - 1, Math.max(0, row))]!++
  }
  const top = Math.max(1, ...counts)
  return counts.map((count, row) => {
    const from = least * ratio ** row
    return `${figure(from).padStart(8)}  ${FULL.repeat(Math.round((count / top) * width)).padEnd(width)}  ${count}`
  })
}

/** Three digits that matter: 0.0123, 1.23, 12.3, 1,234. */
export function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 0.001 || value === 0 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}

const UNITS = ['', 'k', 'M', 'G', 'T']

/** 950, 1.2k, 34M. */
export function short(value: number): string {
  let rest = value
  let unit = 0
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000
    unit++
  }
  const digits = rest >= 100 || Number.isInteger(rest) ? Math.round(rest) : Number(rest.toPrecision(2))
  return `${digits}${UNITS[unit]}`
}
