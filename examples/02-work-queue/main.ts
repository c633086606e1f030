/** Counts the primes below a million: deals jobs out to three worker processes and adds up their results. */
import { fork } from 'node:child_process'
import { Pull, Push } from 'typedmq'
import type { Job, Result } from './jobs.ts'

const WORKERS = 3
const STEP = 50_000
const END = 1_000_000

// A short queue: the next job goes to a worker that has room, not behind ten others.
await using jobs = new Push<Job>({ sendHighWaterMark: 2 })
await using results = new Pull<Result>()
const endpoints = [await jobs.bind('tcp://127.0.0.1:0'), await results.bind('tcp://127.0.0.1:0')]

const workers = Array.from({ length: WORKERS }, (_, number) =>
  fork(new URL('./worker.ts', import.meta.url), [...endpoints, `${number}`]),
)
// Whoever is late would find the work done.
await jobs.connected(WORKERS)

const sending = (async () => {
  for (let from = 0; from < END; from += STEP) await jobs.send({ from, to: from + STEP })
})()

let primes = 0
for (let missing = END / STEP; missing > 0; missing--) {
  const result = await results.receive()
  console.log(`worker ${result.worker}: ${result.primes} primes from ${result.from} to ${result.to}`)
  primes += result.primes
}
await sending
console.log(`${primes} primes below ${END}`)
for (const worker of workers) worker.disconnect()
