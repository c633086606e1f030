/** Gives each job to a worker that has said it is ready: nobody waits behind a long job, as with a plain queue per worker. */
import { fork } from 'node:child_process'
import { Router } from 'typedmq'
import type { Order, Ready } from './contract.ts'

const WORKERS = ['ann', 'bob', 'cid']
// Of very different length, in milliseconds.
const jobs = [400, 20, 20, 20, 20, 20, 20, 20, 20]

await using router = new Router<Order, Ready>()
const endpoint = await router.bind('tcp://127.0.0.1:0')
for (const name of WORKERS) fork(new URL('./worker.ts', import.meta.url), [endpoint, name])
await router.connected(WORKERS.length)

const done = new Map(WORKERS.map(name => [name, [] as number[]]))
let working = WORKERS.length
for await (const { peer, value } of router) {
  if (value.done !== undefined) done.get(value.worker)!.push(value.done)
  const job = jobs.shift()
  await router.send(peer, job === undefined ? { end: true } : { job })
  if (job === undefined && --working === 0) break
}
for (const [worker, sizes] of done) console.log(`${worker} did ${sizes.length} jobs: ${sizes.join(', ')}`)
