/** `npm run bench -- SCENARIO`: measures, and prints a JSON line a result, or a table on a terminal. `all` writes the report. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildEnd, buildPackage } from './build.ts'
import { duel, roundsOf } from './duel.ts'
import { type Compared, compare, gateTable, judge } from './gate.ts'
import { measure, stepsOf } from './harness.ts'
import { observer } from './load.ts'
import { type Choice, gatePlan, planFor } from './plan.ts'
import { Progress } from './progress.ts'
import { isQuiet, loadInWords, type Machine, machine, machineInWords } from './report/machine.ts'
import { LAST, resultsFor, writeReport } from './report/report.ts'
import { tableOf } from './report/table.ts'
import { type Result, summarize } from './results.ts'
import { SCENARIOS } from './scenarios.ts'
import { systemNamed } from './systems.ts'

const USAGE = `npm run bench -- SCENARIO [--transport tcp|ipc|inproc] [--size BYTES] [--systems NAME,...] [--rounds N] [--json]

  quick               the most telling figures, in two and a half minutes
  all                 everything, and the report in bench/README.md and README.md
  report              the report again, from the figures of the last "all"
  gate                this build beside the one in --against DIRECTORY; fails when it is slower
                      --row TEXT: only the rows with this in their names, without a verdict
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n')}
`

/** The exit code of a gate that was disturbed. */
const NO_VERDICT = 2

const say = (line: string) => process.stderr.write(`${line}\n`)

await main().catch((error: NodeJS.ErrnoException) => {
  if (!(error instanceof RangeError || error.code?.startsWith('ERR_PARSE_ARGS'))) throw error
  say(`${error.message}\n\n${USAGE}`)
  process.exitCode = 1
})

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      transport: { type: 'string' },
      size: { type: 'string' },
      systems: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean' },
      against: { type: 'string' },
      row: { type: 'string' },
    },
  })
  const [name] = positionals
  if (name === undefined || positionals.length > 1) throw new RangeError('one scenario, please')
  if (name === 'report') return writeReport(say)

  const choice = {
    transport: oneOf(values.transport, ['tcp', 'ipc', 'inproc'] as const),
    size: whole('size', values.size, 0),
    systems: values.systems?.split(',').map(name => systemNamed(name).name),
    rounds: whole('rounds', values.rounds, 1),
    against: values.against,
    row: values.row,
  }
  const json = values.json ?? !process.stdout.isTTY
  buildPackage(say)
  await buildEnd()
  if (name === 'gate') return gate(choice)
  const { tasks, timing } = planFor(name, choice, say)
  const systems = [
    ...new Map(tasks.flatMap(task => task.systems).map(system => [system.name, system])).values(),
  ]
  const where = machine(systems, tasks[0]!.rounds)
  say(machineInWords(where))

  const loadSince = observer?.watch()
  const progress = new Progress(stepsOf(tasks))
  const results: Result[] = []
  for await (const measured of measure(tasks, timing, progress)) {
    const some = summarize(measured)
    results.push(...some)
    if (json) for (const result of some) process.stdout.write(`${JSON.stringify(result)}\n`)
    if (name === 'all') keep(LAST, where, results)
  }
  progress.end()
  const measured = { ...where, load: loadSince?.() }
  if (json) say(loadInWords(measured.load))
  else process.stdout.write(`${loadInWords(measured.load)}\n\n${tableOf(results)}\n`)
  if (name !== 'all') return
  keep(LAST, measured, results)
  const complete = (choice.size ?? choice.transport) === undefined
  if (!complete || !isQuiet(measured.load)) {
    say(`the pages are not written; the figures are in ${LAST}`)
    return
  }
  keep(resultsFor(measured), measured, results)
  writeReport(say)
}

/** Every round of every row, and with all rows the verdict. */
async function gate(choice: Choice): Promise<void> {
  const { rows, matches, timing } = gatePlan(choice, say)
  say(machineInWords(machine(matches[0]!.systems, matches[0]!.rounds)))
  const loadSince = observer?.watch()
  const progress = new Progress(roundsOf(matches))
  const compared: Compared[] = []
  let row = 0
  for await (const rounds of duel(matches, timing, progress)) compared.push(...compare(rows[row++]!, rounds))
  progress.end()
  const load = loadSince?.()
  process.stdout.write(`${loadInWords(load)}\n\n${gateTable(compared)}\n`)
  if (choice.row !== undefined) return
  const { mean, costs, failures } = judge(compared)
  process.stdout.write(`\ngeometric mean ${mean}, of the costs ${costs}\n`)
  for (const failure of failures) process.stdout.write(`failed: ${failure}\n`)
  if (!isQuiet(load)) process.stdout.write('no verdict: the machine was not quiet\n')
  process.exitCode = isQuiet(load) ? Math.min(1, failures.length) : NO_VERDICT
}

/** During "all" after each case, so that an interrupted run has not measured for nothing. */
function keep(path: string, where: Machine, results: readonly Result[]): void {
  writeFileSync(path, `${[where, ...results].map(line => JSON.stringify(line)).join('\n')}\n`)
}

function oneOf<T extends string>(value: string | undefined, words: readonly T[]): T | undefined {
  if (value === undefined || words.includes(value as T)) return value as T | undefined
  throw new RangeError(`transport "${value}"; known are ${words.join(', ')}`)
}

function whole(name: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new RangeError(`--${name} "${value}"; it must be a whole number of at least ${least}`)
}
