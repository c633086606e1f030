/** bench: how fast messages are between two processes here, or between two hosts. */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { type Message, Pair, raw } from '../../index.ts'
import { roundTrips, throughput } from '../bench/measure.ts'
import { COUNT_SIZE } from '../bench/protocol.ts'
import { figuresOf, reportOf } from '../bench/report.ts'
import { serveTarget } from '../bench/target.ts'
import type { CommandRun, Perform } from '../command-run.ts'
import { CommandSocket, settingsOf } from '../command-socket.ts'
import { EXIT, ExitError, usage } from '../exit.ts'
import { duration, generalOptions, type PeerOptions, securityOptions, whole } from '../options.ts'
import { err, print } from '../output.ts'
import { CONTROL } from '../paint.ts'
import { bar } from '../screen.ts'

interface BenchOptions extends PeerOptions {
  readonly size: number
  readonly duration: number
  readonly transport: 'tcp' | 'ipc'
  readonly serve?: string | undefined
  readonly target?: string | undefined
  readonly json?: boolean | undefined
}

/** Milliseconds the process at the other end has to start. */
const START = 10_000

export function benchCommand(perform: Perform): Command {
  const command = new Command('bench')
    .description('measure throughput and round trips, between two processes here or two hosts')
    .option('-s, --size <bytes>', 'size of a message', whole(1), 128)
    .addOption(
      new Option('-D, --duration <seconds>', 'length of each of the two measurements')
        .argParser(duration)
        .default(2000, '2'),
    )
    .addOption(
      new Option('--transport <scheme>', 'between processes here').choices(['tcp', 'ipc']).default('tcp'),
    )
    .option('--serve <endpoint>', 'be the passive end, for another host; until Ctrl-C')
    .option('--target <endpoint>', 'measure against `bench --serve` there')
    .option('--json', 'the figures as JSON')
  generalOptions(securityOptions(command))
  return command
    .addHelpText(
      'after',
      `
Examples:
  typedmq bench --size 1024
  typedmq bench --serve tcp://*:5559        on one host
  typedmq bench --target tcp://there:5559   on the other`,
    )
    .action((options: BenchOptions) =>
      perform(options, run => (options.serve === undefined ? measure(run, options) : serve(run, options))),
    )
}

async function serve(run: CommandRun, options: BenchOptions): Promise<void> {
  if (options.target !== undefined) throw usage('--serve and --target are the two ends of a bench; give one')
  const pair = new Pair<Message>({ ...settingsOf(options), maxParts: 1, codec: raw })
  const commandSocket = await CommandSocket.start(run, pair, { ...options, bind: [options.serve!] })
  // Our parent, if it is one that waits for the endpoint.
  process.send?.(pair.description.endpoints[0])
  process.once('disconnect', () => run.end(new ExitError(EXIT.done, '')))
  try {
    await serveTarget(pair, run.signal)
  } finally {
    await commandSocket.close(0)
  }
}

async function measure(run: CommandRun, options: BenchOptions): Promise<void> {
  const { target, transport, size } = options
  const directory =
    target === undefined && transport === 'ipc' ? await mkdtemp(join(tmpdir(), 'typedmq-')) : undefined
  const local = directory === undefined ? 'tcp://127.0.0.1:*' : `ipc://${join(directory, 'bench')}`
  const other = target === undefined ? await startTarget(local, run.signal) : undefined
  const endpoint = target ?? other!.endpoint
  // What comes back is what was sent, or a count.
  const limits = { maxMessageSize: Math.max(size, COUNT_SIZE), maxParts: 1 }
  const pair = new Pair<Message>({ ...settingsOf(options), ...limits, codec: raw })
  const commandSocket = await CommandSocket.start(run, pair, { ...options, connect: [endpoint] })
  try {
    await commandSocket.connected(1)
    const plan = { size, duration: options.duration, signal: run.signal, progress }
    const through = await throughput(pair, plan)
    const trips = await roundTrips(pair, plan)
    clear()
    const figures = figuresOf(endpoint, size, through, trips)
    await print(options.json ? `${JSON.stringify(figures)}\n` : reportOf(figures, trips), run.signal)
  } finally {
    clear()
    await commandSocket.close(0)
    other?.end()
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  }
}

interface Target {
  readonly endpoint: string
  end(): void
}

/** The passive end as a process of its own, as it would be in earnest. It ends with us. */
async function startTarget(endpoint: string, signal: AbortSignal): Promise<Target> {
  const child = fork(process.argv[1]!, ['bench', '--serve', endpoint], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const end = () => {
    if (child.connected) child.disconnect()
  }
  const bound = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the other end did not start within ${START} ms`)), START)
    child.once('message', message => resolve(String(message)))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the other end ended with code ${code}`)))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    child.once('message', () => clearTimeout(late))
  }).catch(error => {
    end()
    throw error
  })
  return { endpoint: bound, end }
}

const WIDTH = 40

function progress(what: string, share: number): void {
  if (!err.terminal) return
  err.write([CONTROL.restartLine, `${what.padEnd(11)} ${bar(share, WIDTH)} ${Math.floor(share * 100)} %`])
}

function clear(): void {
  err.write(CONTROL.restartLine)
}
