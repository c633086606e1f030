/** Takes jobs and sends results, until the main process leaves. */
import { Pull, Push } from 'typedmq'
import type { Job, Result } from './jobs.ts'

const [from, to, number] = process.argv.slice(2) as [string, string, string]
await using jobs = new Pull<Job>({ receiveHighWaterMark: 1 }).connect(from)
await using results = new Push<Result>().connect(to)
// Closing a socket ends the loop over it.
process.once('disconnect', () => jobs.close())

for await (const job of jobs) {
  let primes = 0
  for (let n = job.from; n < job.to; n++) if (isPrime(n)) primes++
  await results.send({ ...job, worker: Number(number), primes })
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false
  return n >= 2
}
