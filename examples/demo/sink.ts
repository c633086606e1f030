/** Gathers the results (PULL, ipc), tells how far they are (PUB, tcp), and reports the sums (REQ). */
import { Publisher, Pull, Request } from 'typedmq'
import { digestOf } from './checksum.ts'
import type { Answer, Progress, Question, Result, Share, ToSink } from './contracts.ts'
import { engineOf, Meeting, type Setup, untilParentLeaves } from './setup.ts'

const setup: Setup = JSON.parse(process.argv[2]!)
untilParentLeaves()
const engine = engineOf(setup)
await using meeting = new Meeting(setup)

await using control = new Request<Question, Answer>({ engine })
meeting.join(control, 'control', setup.control)
await using progress = new Publisher<{ progress: Progress }>({ engine })
meeting.join(progress, 'progress', setup.progress)
await using arrivals = new Pull<ToSink>({ engine })
const endpoint = await arrivals.bind(setup.results)
await control.request({ ask: 'bound', role: 'sink', endpoint })

const results: Result[] = []
let total: number | undefined
let bytes = 0
let told = 0
let first = 0
for await (const arrival of arrivals) {
  if ('total' in arrival) total = arrival.total
  else {
    if (results.length === 0) first = performance.now()
    results.push(arrival.result)
    bytes += arrival.result.bytes
  }
  if (performance.now() - told > 40) {
    told = performance.now()
    await progress.send('progress', { files: results.length, total, bytes })
  }
  if (results.length === total) break
}
const seconds = (performance.now() - first) / 1000
const workers = Array.from({ length: setup.workers }, (_, worker) => share(worker))
const summary = { files: results.length, bytes, digest: digestOf(results), seconds, workers }
await progress.send('progress', { files: results.length, total, bytes })
await control.request({ ask: 'done', summary })

function share(worker: number): Share {
  const own = results.filter(result => result.worker === worker)
  const split = (part: 'produce' | 'queue' | 'consume') => {
    const sorted = own.map(result => result[part]).sort((a, b) => a - b)
    return [
      sorted[Math.floor(sorted.length * 0.5)] ?? 0,
      sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    ] as const
  }
  return {
    worker,
    files: own.length,
    bytes: own.reduce((sum, result) => sum + result.bytes, 0),
    produce: split('produce'),
    queue: split('queue'),
    consume: split('consume'),
  }
}
