/** Writes the last whole run into bench/README.md and README.md between markers, with the plots beside. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../build.ts'
import type { Result } from '../results.ts'
import { SCENARIOS } from '../scenarios.ts'
import { goalTable } from './goals.ts'
import { advantage, headlines } from './headlines.ts'
import { loadInWords, type Machine, machineInWords } from './machine.ts'
import { barPlot, linePlot, type Series } from './plot.ts'
import { groupBy, markdown, REMARKS, scenarioTable, short } from './table.ts'

/** The figures of the last "all", also of a machine that was not quiet. The first line is the machine, each other one a result. */
export const LAST = join(ROOT, 'bench/dist/last.jsonl')
/** The figures behind the pages: a file for each major version of Node. */
const RESULTS = join(ROOT, 'bench/results')
const PLOTS = 'bench/plots'
const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'
const SPREAD = 'Medians of interleaved rounds (least-most), and **how many times the native `zeromq`**.'

export function resultsFor({ node }: Machine): string {
  mkdirSync(RESULTS, { recursive: true })
  return join(RESULTS, `node-${majorOf(node)}.jsonl`)
}

/** The oldest Node in full, newer ones in the rows that are asked for first. `say` hears of a page that has no markers. */
export function writeReport(say: (line: string) => void): void {
  const [oldest, ...newer] = runs()
  if (oldest === undefined) throw new RangeError('there are no figures yet: run "all" first')
  const { where, results } = oldest
  const measured = [loadInWords(where.load), '', machineInWords(where)]
  mkdirSync(join(ROOT, PLOTS), { recursive: true })
  const plots = new Map([...sizePlots(results), ['ratios', ratioPlot(results)] as const])
  for (const [name, svg] of plots) writeFileSync(join(ROOT, PLOTS, `${name}.svg`), svg)

  const others = newer.flatMap(({ where, results }) => [
    `### Node ${majorOf(where.node)}`,
    '',
    loadInWords(where.load),
    '',
    machineInWords(where),
    '',
    headlineTable(results),
    '',
  ])
  insert('bench/README.md', [...measured, '', ...wholeReport(results, plots), ...others], say)
  insert('README.md', [...measured, '', picture('Ratio to zeromq', `${PLOTS}/ratios.svg`)], say)
}

/** By version of Node, oldest first. */
function runs(): { readonly where: Machine; readonly results: readonly Result[] }[] {
  if (!existsSync(RESULTS)) return []
  return readdirSync(RESULTS)
    .map(name => {
      const lines = readFileSync(join(RESULTS, name), 'utf8').trim().split('\n')
      const [where, ...results] = lines.map(line => JSON.parse(line)) as [Machine, ...Result[]]
      return { where, results }
    })
    .sort((a, b) => majorOf(a.where.node) - majorOf(b.where.node))
}

function majorOf(node: string): number {
  return Number(node.slice(1).split('.', 1)[0])
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
    'Above, the steady state; from 16 KiB on also the first second. Below, what one message costs each process.',
    REMARKS,
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

function ratioPlot(results: readonly Result[]): string {
  const groups = headlines(results, true).map(({ label, own, libzmq }) => ({
    label,
    bars: [
      { system: 'typedmq', ratio: advantage(own) },
      ...(libzmq === undefined ? [] : [{ system: 'libzmq-c', ratio: advantage(libzmq) }]),
    ],
  }))
  return barPlot('How many times as fast as the native binding (zeromq)', groups)
}

function headlineTable(results: readonly Result[]): string {
  const rows = headlines(results).map(({ label, own, zeromq, libzmq }) => [
    label,
    own.unit,
    short(own.median),
    short(zeromq.median),
    libzmq === undefined ? '-' : short(libzmq.median),
    `${short(advantage(own))}x`,
  ])
  return markdown(['', 'unit', 'typedmq', 'zeromq', 'libzmq in C', 'times as fast'], rows)
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
