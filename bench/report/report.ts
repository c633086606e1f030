/** Writes the last whole run into bench/README.md and README.md between markers, with the plots beside. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../build.ts'
import type { Result } from '../results.ts'
import { SCENARIOS } from '../scenarios.ts'
import { goalTable } from './goals.ts'
import { type Machine, machineInWords } from './machine.ts'
import { barPlot, linePlot, type Series } from './plot.ts'
import { groupBy, markdown, scenarioTable, short, sizeInWords } from './table.ts'

/** The first line is the machine, each other one a result. */
export const RESULTS = join(ROOT, 'bench/results.jsonl')
const PLOTS = 'bench/plots'
const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'
const SPREAD = 'Medians of interleaved rounds (least-most), and **how many times the native `zeromq`**.'

/** `say` hears of a page that has no markers. */
export function writeReport(say: (line: string) => void): void {
  if (!existsSync(RESULTS)) throw new RangeError('there are no figures yet: run "all" first')
  const [where, ...results] = readFileSync(RESULTS, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line)) as [Machine, ...Result[]]
  const measured = machineInWords(where)
  mkdirSync(join(ROOT, PLOTS), { recursive: true })
  const plots = new Map([...sizePlots(results), ['ratios', ratioPlot(results)] as const])
  for (const [name, svg] of plots) writeFileSync(join(ROOT, PLOTS, `${name}.svg`), svg)

  insert('bench/README.md', [measured, '', ...wholeReport(results, plots)], say)
  const summary = ['', picture('Ratio to zeromq', `${PLOTS}/ratios.svg`), '', headlines(results)]
  insert('README.md', [measured, ...summary], say)
}

function wholeReport(results: readonly Result[], plots: ReadonlyMap<string, string>): string[] {
  const lines = [
    picture('Ratio to zeromq', 'plots/ratios.svg'),
    '',
    '### Goals',
    '',
    goalTable(results),
    '',
    SPREAD,
    '',
  ]
  for (const { name, about } of SCENARIOS) {
    const own = results.filter(result => result.scenario === name)
    if (own.length === 0) continue
    lines.push(`### ${name}`, '', about, '')
    for (const transport of new Set(own.map(result => result.transport))) {
      const plot = `${name}-${transport}`
      if (plots.has(plot)) lines.push(picture(`${name} over ${transport}`, `plots/${plot}.svg`), '')
    }
    lines.push(scenarioTable(own), '')
  }
  return lines
}

/** One for each scenario and transport that was measured at several sizes. */
function sizePlots(results: readonly Result[]): [string, string][] {
  const rates = results.filter(({ unit, size }) => unit === 'msg/s' && size !== null)
  return [...groupBy(rates, ({ scenario, transport }) => `${scenario}-${transport}`)].flatMap(
    ([name, own]) => {
      const series: Series[] = [...groupBy(own, ({ system }) => system)].map(([name, points]) => ({
        name,
        points: points.map(({ size, median }) => [size!, median] as const),
      }))
      const { scenario, transport } = own[0]!
      const several = series.some(({ points }) => points.length > 1)
      return several ? [[name, linePlot(`${scenario} over ${transport}: messages a second`, series)]] : []
    },
  )
}

/** The library against the native binding wherever more is better. */
function ratioPlot(results: readonly Result[]): string {
  const bars = results
    .filter(({ system, unit, ratio }) => system === 'typedmq' && unit.startsWith('msg/s') && ratio !== null)
    .map(({ scenario, transport, size, unit, ratio }) => ({
      label: [scenario, transport, size === null ? '' : sizeInWords(size), unit.slice('msg/s, '.length)].join(
        ' ',
      ),
      ratio: ratio!,
    }))
  return barPlot('Messages a second: TypedMQ as a multiple of the native binding (zeromq)', bars)
}

/** One row a scenario and size over tcp or within the process: what a reader asks first. */
function headlines(results: readonly Result[]): string {
  const rows = results
    .filter(
      ({ system, scenario }) =>
        system === 'typedmq' && ['throughput', 'inproc', 'typed', 'fan-out', 'latency'].includes(scenario),
    )
    .filter(({ unit, transport }) => transport !== 'ipc' && !unit.includes('p99'))
    .map(own => {
      const of = (name: string) => {
        const other = results.find(result => result.system === name && sameCase(result, own))
        return other === undefined ? '-' : short(other.median)
      }
      const size = own.size === null ? '' : sizeInWords(own.size)
      return [
        `${own.scenario} ${size}`.trim(),
        own.unit,
        short(own.median),
        of('zeromq'),
        of('libzmq-c'),
        `${own.ratio}x`,
      ]
    })
  return markdown(['', 'unit', 'TypedMQ', 'zeromq', 'libzmq in C', 'TypedMQ to zeromq'], rows)
}

function sameCase(a: Result, b: Result): boolean {
  return a.scenario === b.scenario && a.transport === b.transport && a.size === b.size && a.unit === b.unit
}

function picture(alt: string, path: string): string {
  return `![${alt}](${path})`
}

function insert(page: string, lines: readonly string[], say: (line: string) => void): void {
  const path = join(ROOT, page)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) {
    say(`${page} not written: it has no ${BEGIN} and ${END}`)
    return
  }
  const block = `${BEGIN}\n${lines.join('\n').trimEnd()}\n`
  writeFileSync(path, text.slice(0, begin) + block + text.slice(end))
}
