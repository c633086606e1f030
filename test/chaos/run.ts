/** `npm run chaos -- --seconds N --seed S`: a system of processes under all sorts of faults, and the books checked at the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from '../discovery/support/program.ts'
import { type Accounts, audit } from './accounts.ts'
import { Actor } from './actor.ts'
import { Dice } from './dice.ts'
import { FAULTS, FaultyProxy } from './faulty-proxy.ts'

/** Milliseconds between two faults, and the longest one. */
const BETWEEN = [50, 400] as const
const LASTING = [50, 1_500] as const

export interface ChaosOptions {
  readonly seconds: number
  readonly seed: number
  readonly progress?: (line: string) => void
}

/** Runs, and answers what is wrong with the books; findings must be empty. */
export async function chaos({ seconds, seed, progress }: ChaosOptions): Promise<Accounts> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
  const dice = new Dice(seed)
  await using stack = new AsyncStack()
  stack.defer(async () => rmSync(folder, { recursive: true, force: true }))
  const roles = await bundle(new URL('roles.ts', import.meta.url))
  const hire = (role: Actor['role'], endpoints: readonly string[]) =>
    stack.use(new Actor(role, roles, folder, endpoints))
  const stand = async (endpoint: string) => stack.use(await FaultyProxy.before(endpoint))

  const ipcFile = `${folder}/sink`
  const source = hire('source', [])
  const sink = hire('sink', ['tcp://127.0.0.1:0', `ipc://${ipcFile}`, 'tcp://127.0.0.1:0'])
  for (const actor of [source, sink]) actor.start()
  const [jobs, news] = (await source.ready).endpoints as [string, string]
  // From now on it comes back to the same places.
  sink.endpoints = (await sink.ready).endpoints
  const [results, results2, questions] = sink.endpoints as [string, string, string]

  const proxies: FaultyProxy[] = []
  const through = async (endpoint: string) => {
    const proxy = await stand(endpoint)
    proxies.push(proxy)
    return proxy.endpoint
  }
  const workers = [
    hire('worker', [await through(jobs), await through(news), await through(results)]),
    hire('worker', [await through(jobs), await through(news), results2]),
  ]
  const requester = hire('requester', [await through(questions)])
  for (const actor of [...workers, requester]) {
    actor.start()
    await actor.ready
  }

  const faults = new Map<string, number>()
  const inflict = async (): Promise<string> => {
    const choice = dice.below(10)
    if (choice === 0) {
      const victim = dice.of(workers)
      await victim.kill()
      victim.start()
      return 'worker killed'
    }
    if (choice === 1) {
      // Its ipc file is left behind, or gone.
      if (dice.below(2) === 0) rmSync(ipcFile, { force: true })
      await sink.kill()
      sink.start()
      return 'sink killed'
    }
    if (choice === 2) {
      rmSync(ipcFile, { force: true })
      return 'ipc file removed'
    }
    const fault = dice.of(FAULTS)
    dice.of(proxies).suffer(fault, dice.between(...LASTING))
    return fault
  }

  const end = performance.now() + 1000 * seconds
  let told = performance.now()
  while (performance.now() < end) {
    await pause(dice.between(...BETWEEN))
    const fault = await inflict()
    faults.set(fault, (faults.get(fault) ?? 0) + 1)
    if (performance.now() - told > 5_000) {
      told = performance.now()
      progress?.(`${Math.round((end - told) / 1000)} s to go: ${summary(faults)}`)
    }
  }
  // A sink without its ipc file is not found again: it comes back once more.
  await sink.kill()
  sink.start()
  await sink.ready

  const requesterSums = await requester.finish()
  const sourceSums = await source.finish()
  const workerSums = await Promise.all(workers.map(worker => worker.finish()))
  await sink.finish()
  const sums = { source: sourceSums, workers: workerSums, requester: requesterSums }
  const accounts = audit({ source, workers, sink, requester, sums })
  return { ...accounts, lines: [`faults: ${summary(faults)}`, ...accounts.lines] }
}

function summary(faults: ReadonlyMap<string, number>): string {
  return [...faults].map(([name, count]) => `${name} ${count}`).join(', ')
}

/** Disposes in reverse order; Node 20 has no AsyncDisposableStack. */
class AsyncStack implements AsyncDisposable {
  readonly #deferred: (() => PromiseLike<void>)[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]())
    return resource
  }

  defer(run: () => PromiseLike<void>): void {
    this.#deferred.push(run)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.#deferred.reverse()) await run()
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } })
  const seconds = Number(values.seconds ?? 60)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`${seconds} s of chaos, seed ${seed}`)
  const { findings, lines } = await chaos({ seconds, seed, progress: line => console.log(line) })
  for (const line of lines) console.log(line)
  for (const finding of findings) console.log(`BUG: ${finding}`)
  console.log(findings.length === 0 ? 'the books balance' : `again with --seconds ${seconds} --seed ${seed}`)
  if (findings.length > 0) process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
