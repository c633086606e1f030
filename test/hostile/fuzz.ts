/** `npm run fuzz -- --cases N --seed S [--only values]`: strangers by the thousand, and values that no codec would write. The same seed makes the same strangers; a case that fails is shrunk and put into the corpus. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { fc } from '../support/property.ts'
import { type Case, cases, valueCases } from './cases.ts'
import { collectedBytes } from './memory.ts'
import { Trial } from './trial.ts'

const BATCH = 500
/** Cases after which everything that is made once has been made. */
const WARM_UP = 2_000
/** Cases after which new stands are set up. */
const RENEWED = 20_000
/** Bytes by which the memory in use may have grown, whatever the number of strangers. */
export const GROWTH = 32 * 1024 * 1024

export interface FuzzOptions {
  readonly count: number
  readonly seed: number
  /** What cases are made of; by default all. */
  readonly from?: fc.Arbitrary<Case>
  readonly progress?: (done: number, growth: number) => void
}

export interface FuzzReport {
  readonly done: number
  /** Bytes in use after garbage collection, more than after the warm-up. */
  readonly growth: number
  readonly failure:
    | { readonly counterexample: Case; readonly error: unknown; readonly seed: number }
    | undefined
}

/** Stops at the first case that fails. */
export async function fuzz({ count, seed, from = cases, progress }: FuzzOptions): Promise<FuzzReport> {
  await using trial = new Trial()
  let base: number | undefined
  let growth = 0
  for (let done = 0; done < count; done += BATCH) {
    if (base === undefined && done >= Math.min(WARM_UP, count - BATCH)) base = collectedBytes()
    const property = fc.asyncProperty(from, given => trial.try(given))
    const numRuns = Math.min(BATCH, count - done)
    const batchSeed = seed + done / BATCH
    const result = await fc.check(property, { seed: batchSeed, numRuns, interruptAfterTimeLimit: 3_600_000 })
    if (result.failed) {
      const counterexample = result.counterexample![0]
      return { done, growth, failure: { counterexample, error: result.errorInstance, seed: batchSeed } }
    }
    if (done > 0 && done % RENEWED === 0) await trial.renew()
    if (base !== undefined && (done / BATCH) % 10 === 9) growth = collectedBytes() - base
    progress?.(done + numRuns, growth)
  }
  if (base !== undefined) growth = collectedBytes() - base
  return { done: count, growth, failure: undefined }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { cases: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  })
  const count = Number(values.cases ?? 100_000)
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`${count} cases, seed ${seed}`)
  const begun = performance.now()
  let told = begun
  const { done, growth, failure } = await fuzz({
    count,
    seed,
    from: values.only === 'values' ? valueCases : cases,
    progress(done, growth) {
      if (performance.now() - told < 5_000) return
      told = performance.now()
      const rate = Math.round((done / (told - begun)) * 1000)
      console.log(`${done} cases, ${rate} a second, memory ${mebibytes(growth)} above the warm-up`)
    },
  })
  if (failure === undefined && growth <= GROWTH) {
    console.log(`${done} cases, no failure, memory ${mebibytes(growth)} above the warm-up`)
    return
  }
  process.exitCode = 1
  if (failure === undefined) {
    console.log(`memory grew by ${mebibytes(growth)}; ${mebibytes(GROWTH)} are allowed`)
    return
  }
  const json = `${JSON.stringify(failure.counterexample, null, 2)}\n`
  const file = new URL(
    `../corpus/${createHash('sha1').update(json).digest('hex').slice(0, 10)}.json`,
    import.meta.url,
  )
  writeFileSync(file, json)
  console.log(failure.error)
  console.log(
    `failed after ${done} cases; again with --cases ${BATCH} --seed ${failure.seed}; kept as ${file.pathname}`,
  )
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
