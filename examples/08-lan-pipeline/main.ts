/** A pipeline without an address in it: numbers go to whatever workers there are, their squares come back. */
import { fork } from 'node:child_process'
import { Pull, Push } from 'typedmq'
import { announce, follow, mdns } from 'typedmq/discovery'
import { CONTRACT, type Job, type Result } from './contracts.ts'

const JOBS = 12
/** Another name, another pipeline on the same LAN. */
const [name = 'squares'] = process.argv.slice(2)

await using discovery = mdns()
await using jobs = new Push<Job>()
await using results = new Pull<Result>()
const options = { discovery, contract: CONTRACT }

await results.bind('tcp://*:0')
announce(results, `${name}: results`, options)
follow(jobs, `${name}: jobs`, options)
  .on('up', ({ service }) => console.log(`a worker is there: ${service.endpoints[0]}`))
  .on('mismatch', ({ differences }) => console.log('a stranger of the same name:', differences))

const worker = new URL('worker.ts', import.meta.url)
const workers = [1, 2].map(() => fork(worker, [name], { execArgv: ['--import', 'tsx'] }))

await jobs.connected(workers.length)
for (let number = 1; number <= JOBS; number++) await jobs.send({ number })

const seen = new Set<number>()
let count = 0
for await (const { number, square, worker } of results) {
  console.log(`${number} squared is ${square}`)
  seen.add(worker)
  if (++count === JOBS) break
}
console.log(`${count} results from ${seen.size} workers`)
for (const worker of workers) worker.disconnect()
