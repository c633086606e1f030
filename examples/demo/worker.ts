/** Takes jobs (PULL, tcp), checksums files, sends results on (PUSH, ipc). Asks the control channel how (REQ). */
import { Pull, Push, Request } from 'typedmq'
import { checksum } from './checksum.ts'
import { type Answer, type Job, now, type Question, type Settings, type ToSink } from './contracts.ts'
import { engineOf, Meeting, type Setup, untilParentLeaves } from './setup.ts'

const setup: Setup = JSON.parse(process.argv[2]!)
const worker = Number(process.argv[3])
untilParentLeaves()
const engine = engineOf(setup)
await using meeting = new Meeting(setup)

await using control = new Request<Question, Answer>({ engine })
meeting.join(control, 'control', setup.control)
const settings = (await control.request({ ask: 'settings', worker })) as Settings

await using results = new Push<ToSink>({ engine }).connect(settings.results)
// A short queue here, so that a slow worker does not hoard what a fast one could do.
await using jobs = new Pull<Job>({ engine, receiveHighWaterMark: 16 })
meeting.join(jobs, 'jobs', settings.jobs)

for await (const { path, begun, sent } of jobs) {
  const received = now()
  const { digest, bytes } = await checksum(path, settings.algorithm)
  const times = { produce: sent - begun, queue: received - sent, consume: now() - received }
  await results.send({ result: { worker, path, digest, bytes, ...times } })
}
