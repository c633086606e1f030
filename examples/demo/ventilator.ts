/** Sends one job for each file below the directory to whichever worker has room (PUSH, tcp). */
import { Push, Request } from 'typedmq'
import { filesBelow } from './checksum.ts'
import { type Answer, type Job, now, type Question, type ToSink } from './contracts.ts'
import { engineOf, Meeting, type Setup, untilParentLeaves } from './setup.ts'

const setup: Setup = JSON.parse(process.argv[2]!)
untilParentLeaves()
const engine = engineOf(setup)
await using meeting = new Meeting(setup)

await using control = new Request<Question, Answer>({ engine })
meeting.join(control, 'control', setup.control)
// Short queues, and the next job to the shortest: files are of very different size.
const dispatch = setup.engine === 'zmtp' ? 'least-queued' : 'round-robin'
await using jobs = new Push<Job>({ engine, sendHighWaterMark: 16, dispatch })
await using toSink = new Push<ToSink>({ engine })

const endpoint = await jobs.bind('tcp://127.0.0.1:0')
meeting.offer(jobs, 'jobs')
await control.request({ ask: 'bound', role: 'ventilator', endpoint })
toSink.connect((await control.request({ ask: 'endpoint', role: 'sink' })) as string)
// Whoever is late would find the work done.
await jobs.connected(setup.workers)

let total = 0
let begun = now()
for await (const path of filesBelow(setup.directory)) {
  await jobs.send({ path, begun, sent: now() })
  total++
  begun = now()
}
await toSink.send({ total })
