/** `npm run bench -- SCENARIO`: measures, and prints a JSON line a result, or a table on a terminal. `all` writes the report. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildEnd, buildPackage } from './build.ts'
import { measure, stepsOf } from './harness.ts'
import { planFor } from './plan.ts'
import { Progress } from './progress.ts'
import { machine, machineInWords } from './report/machine.ts'
import { RESULTS, writeReport } from './report/report.ts'
import { tableOf } from './report/table.ts'
import type { Result } from './results.ts'
import { SCENARIOS } from './scenarios.ts'
import { systemNamed } from './systems.ts'

const USAGE = `npm run bench -- SCENARIO [--transport tcp|ipc|inproc] [--size BYTES] [--systems NAME,...] [--rounds N] [--json]

  quick               the most telling figures, in under two minutes
  all                 everything, and the report in bench/README.md and README.md
  report              the report again, from the figures of the last "all"
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n')}
`

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
  }
  const json = values.json ?? !process.stdout.isTTY
  buildPackage(say)
  await buildEnd()
  const { tasks, timing } = planFor(name, choice, say)
  const systems = [
    ...new Map(tasks.flatMap(task => task.systems).map(system => [system.name, system])).values(),
  ]
  const where = machine(systems)
  say(machineInWords(where))

  const progress = new Progress(stepsOf(tasks))
  const results: Result[] = []
  for await (const some of measure(tasks, timing, progress)) {
    results.push(...some)
    if (json) for (const result of some) process.stdout.write(`${JSON.stringify(result)}\n`)
    if (name === 'all') keep(where, results)
  }
  progress.end()
  if (!json) process.stdout.write(`${tableOf(results)}\n`)
  if (name === 'all') writeReport(say)
}

/** After each case, so that an interrupted run has not measured for nothing. */
function keep(where: object, results: readonly Result[]): void {
  writeFileSync(RESULTS, `${[where, ...results].map(line => JSON.stringify(line)).join('\n')}\n`)
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
