/** Results as Markdown tables: a row a case, a column a system. */
import { isCost } from '../flow-figures.ts'
import { QUIET } from '../load.ts'
import type { Result } from '../results.ts'

/** One table for each scenario in these results. */
export function tableOf(results: readonly Result[]): string {
  return [...groupBy(results, result => result.scenario)]
    .map(([scenario, own]) => `${scenario}\n\n${scenarioTable(own)}`)
    .join('\n\n')
}

/** All results of one scenario: what users see, then what a message costs. */
export function scenarioTable(results: readonly Result[]): string {
  const costs = results.filter(({ unit }) => isCost(unit))
  const figures = results.filter(({ unit }) => !isCost(unit))
  return costs.length === 0 ? tableBySystem(figures) : `${tableBySystem(figures)}\n\n${tableBySystem(costs)}`
}

function tableBySystem(results: readonly Result[]): string {
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

/** Median, spread, and ratio to the baseline; of a cost the median. */
function cell(result: Result | undefined): string {
  if (result === undefined) return '-'
  const { median, min, max, ratio, system, unit } = result
  if (isCost(unit)) return short(median)
  const times = ratio === null || system === 'zeromq' ? '' : ` **${short(ratio)}x**`
  return `${short(median)} (${short(min)}-${short(max)})${times}${remarks(result)}`
}

/** See `REMARKS`. */
function remarks({ unsettled, load }: Result): string {
  const disturbed = load !== null && (load.steal > QUIET || load.foreign > QUIET)
  return `${unsettled > 0 ? ' ~' : ''}${disturbed ? ' !' : ''}`
}

export const REMARKS =
  '~ marks a case with rounds whose rate had not settled after the longest warm-up, ! one that was measured while the machine was not quiet.'

export function sizeInWords(size: number): string {
  if (size >= 1024 * 1024) return `${size / 1024 / 1024} MiB`
  return size >= 1024 ? `${size / 1024} KiB` : `${size} B`
}

export function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
