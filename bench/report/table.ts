/** Results as Markdown tables: a row a case, a column a system. */
import type { Result } from '../results.ts'

/** One table for each scenario in these results. */
export function tableOf(results: readonly Result[]): string {
  return [...groupBy(results, result => result.scenario)]
    .map(([scenario, own]) => `${scenario}\n\n${scenarioTable(own)}`)
    .join('\n\n')
}

/** All results of one scenario. */
export function scenarioTable(results: readonly Result[]): string {
  const systems = [...new Set(results.map(result => result.system))]
  const rows = [...groupBy(results, caseOf)].map(([name, own]) => [
    name,
    ...systems.map(system => cell(own.find(result => result.system === system))),
  ])
  return markdown(['', ...systems], rows)
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map(row => row[column]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  )
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

function caseOf({ transport, size, unit }: Result): string {
  return [transport, size === null ? null : sizeInWords(size), unit].filter(word => word !== null).join(' ')
}

/** Median, spread, and ratio to the baseline. */
function cell(result: Result | undefined): string {
  if (result === undefined) return '-'
  const { median, min, max, ratio, system } = result
  const times = ratio === null || system === 'zeromq' ? '' : ` **${short(ratio)}x**`
  return `${short(median)} (${short(min)}-${short(max)})${times}`
}

export function sizeInWords(size: number): string {
  if (size >= 1024 * 1024) return `${size / 1024 / 1024} MiB`
  return size >= 1024 ? `${size / 1024} KiB` : `${size} B`
}

export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
