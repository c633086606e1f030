/**
 * Checksums every file below a directory with a pipeline of processes:
 *
 *   ventilator --PUSH/PULL, tcp--> 3 workers --PUSH/PULL, ipc--> sink --PUB/SUB--> progress bar
 *        \---------REQ/REP: settings and endpoints---/------------/
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Reply, Subscriber } from 'typedmq'
import { checksum, digestOf, filesBelow } from './checksum.ts'
import type { Answer, Progress, Question, Summary } from './contracts.ts'
import { ProgressBar, table } from './screen.ts'
import { engineOf, Meeting, type Setup, start } from './setup.ts'

const ALGORITHM = 'sha256'
const WORKERS = 3
const USAGE = `usage: npm run demo [-- [DIRECTORY] [--engine zmtp|libzmq] [--no-discovery]]

  DIRECTORY        what to checksum; default node_modules
  --engine NAME    zmtp (default) or libzmq
  --no-discovery   tell the processes each other's endpoints, instead of letting them find each other by name`

const { values, positionals } = readArguments()
if (values.help) {
  console.log(USAGE)
  process.exit()
}
if (values.engine !== 'zmtp' && values.engine !== 'libzmq') misused(`no engine "${values.engine}"`)
const directory = resolve(positionals[0] ?? 'node_modules')
if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
  misused(`not a directory: "${directory}"`)
}

const scratch = await mkdtemp(join(tmpdir(), 'typedmq-'))
const engineName = values.engine === 'libzmq' ? 'libzmq' : 'zmtp'
const name = values['no-discovery'] ? undefined : `demo ${process.pid}`
const engine = engineOf({ engine: engineName })
const meeting = new Meeting({ name })
const control = new Reply<Question, Answer>({ engine })
const progress = new Subscriber<{ progress: Progress }>({ engine })
progress.subscribe('progress')
const setup: Setup = {
  directory,
  workers: WORKERS,
  engine: engineName,
  name,
  control: await control.bind('tcp://127.0.0.1:0'),
  progress: await progress.bind('tcp://127.0.0.1:0'),
  results: `ipc://${join(scratch, 'results.sock')}`,
}

meeting.offer(control, 'control')
meeting.offer(progress, 'progress')

const children = [
  start('sink', setup),
  start('ventilator', setup),
  ...Array.from({ length: WORKERS }, (_, number) => start('worker', setup, number)),
]
for (const child of children) {
  child.on('exit', code => {
    if (code) void leave(1, `a process of the pipeline ended with code ${code}`)
  })
}
process.on('SIGINT', () => void leave(130, 'interrupted'))
process.on('SIGTERM', () => void leave(143, 'terminated'))

/** Endpoints by role; whoever asks early is answered late. */
const endpoints = { ventilator: later<string>(), sink: later<string>() }
const finished = later<Summary>()
void control.serve(async question => {
  switch (question.ask) {
    case 'bound':
      endpoints[question.role].resolve(question.endpoint)
      return null
    case 'endpoint':
      return endpoints[question.role].promise
    case 'settings': {
      const [jobs, results] = await Promise.all([endpoints.ventilator.promise, endpoints.sink.promise])
      return { algorithm: ALGORITHM, jobs, results }
    }
    case 'done':
      finished.resolve(question.summary)
      return null
  }
})

const how = name === undefined ? 'told where they are' : 'found by name'
console.log(`checksums of ${directory}, by ${WORKERS} workers (${how}, engine ${engineName})`)
const bar = new ProgressBar()
const patience = setTimeout(() => {
  console.error(
    name === undefined ? 'still waiting for the processes' : 'nobody found yet; --no-discovery does without',
  )
}, 20_000)
void (async () => {
  for await (const { value } of progress) {
    clearTimeout(patience)
    bar.show(value)
  }
})()

const summary = await finished.promise
bar.end()
console.log(`\n${table(summary)}\n\nproduce, queue, consume: p50 / p99 of each message's latency`)

const begun = performance.now()
const single: { path: string; digest: string }[] = []
for await (const path of filesBelow(directory)) single.push({ path, ...(await checksum(path, ALGORITHM)) })
const seconds = (performance.now() - begun) / 1000
const same = digestOf(single) === summary.digest
console.log(
  `the same in one process: ${seconds.toFixed(1)} s against ${summary.seconds.toFixed(1)} s; ` +
    (same ? `both found ${summary.digest.slice(0, 16)}` : 'THE RESULTS DIFFER'),
)
await leave(same ? 0 : 1)

/** A promise and the function that fulfils it. */
function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(fulfil => {
    resolve = fulfil
  })
  return { promise, resolve }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        engine: { type: 'string', default: 'zmtp' },
        'no-discovery': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    return misused((error as Error).message)
  }
}

function misused(reason: string): never {
  console.error(`${reason}\n${USAGE}`)
  process.exit(2)
}

/** Ends the children, closes what is open, and goes. */
async function leave(code: number, reason?: string): Promise<never> {
  for (const child of children) {
    child.removeAllListeners('exit')
    if (child.connected) child.disconnect()
  }
  if (reason !== undefined) console.error(`\n${reason}`)
  await Promise.all([control.close({ linger: 0 }), progress.close({ linger: 0 })])
  await meeting[Symbol.asyncDispose]()
  await rm(scratch, { recursive: true, force: true })
  process.exit(code)
}
