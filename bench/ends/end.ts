/** One measuring process: opens the ends its spec names, runs them, and reports. Compiled and run by plain node. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Ends, Place, Receiver, Requester, Sender } from './ends.ts'
import { Samples } from './samples.ts'
import {
  type EndSpec,
  type Opening,
  partsOfName,
  type Report,
  type Sample,
  type Spec,
  topicNames,
} from './spec.ts'

/** Bytes sent or received between two looks at the clock, within bounds. */
const BATCH_BYTES = 1024 * 1024
const COLD_TRIPS = 10_000
/** Milliseconds. */
const GARBAGE_INTERVAL = 1000

const OBJECT = {
  id: 123_456,
  name: 'sensor-17',
  price: 1234.5,
  active: true,
  tags: ['a', 'b'],
  at: 1_700_000_000,
}

const spec: Spec = JSON.parse(process.argv[2]!)
const payload = Buffer.alloc(spec.size, 'x')
const batch = Math.min(1000, Math.max(4, Math.floor(BATCH_BYTES / Math.max(1, spec.size))))
const eventLoop = spec.watchGap ? monitorEventLoopDelay({ resolution: 1 }) : undefined

const system = await load(spec.system)
let endpoint = spec.endpoint
const runs: (() => Promise<Report | undefined>)[] = []
for (const end of spec.ends) runs.push(await prepare(system, end))
tell({ endpoint })
if (spec.idle) await rest()

// Ends that never report run on until the process is killed.
const report = await Promise.race(runs.map(run => run().then(done => done ?? new Promise<never>(() => {}))))
tell(report)

/** Opens the end; the function that is returned runs it. */
async function prepare(ends: Ends, end: EndSpec): Promise<() => Promise<Report | undefined>> {
  const place: Place = {
    mode: end.mode,
    endpoint,
    payload: spec.typed ? OBJECT : payload,
    typed: spec.typed ?? false,
    topics: topicNames(end.topics ?? 1),
    curve: spec.curve,
  }
  const opened: { endpoint: string }[] = []
  for (let socket = 0; socket < (end.sockets ?? 1); socket++) opened.push(await ends[end.role]!(place))
  if (end.mode === 'bind') endpoint = opened[0]!.endpoint
  switch (end.role) {
    case 'push':
    case 'publish':
      return () => sendAll(opened as Sender[])
    case 'pull':
    case 'subscribe':
      return () => receiveAll(opened as Receiver[])
    case 'request':
      return () => roundTrips(opened[0] as Requester)
    case 'reply':
      return () => new Promise(() => {})
  }
}

function sendAll(senders: readonly Sender[]): Promise<Report | undefined> {
  // Many senders share the batch, so that each one's turn stays short.
  const each = Math.max(1, Math.floor(batch / senders.length))
  return flow(
    senders.map(sender => () => sender.send(each)),
    each,
    spec.ends.length === 1,
  )
}

async function receiveAll(receivers: readonly Receiver[]): Promise<Report | undefined> {
  await Promise.all(receivers.map(receiver => receiver.receive(1)))
  const each = Math.max(1, Math.floor(batch / receivers.length))
  return flow(
    receivers.map(receiver => () => receiver.receive(each)),
    each,
    true,
  )
}

/** Goes on for good, for the other end may still be counting; tells samples, or the longest gap once its time is over. Within one process only the receiver tells. */
function flow(
  steps: readonly (() => Promise<void>)[],
  each: number,
  tells: boolean,
): Promise<Report | undefined> {
  const samples = eventLoop === undefined && tells ? new Samples(tell, spec.interval) : undefined
  const until = performance.now() + spec.warmUp + spec.window
  if (eventLoop !== undefined) setTimeout(watch, spec.warmUp)
  return new Promise(resolve => {
    let over = eventLoop === undefined
    for (const step of steps) {
      void (async () => {
        for (;;) {
          await step()
          samples?.add(each)
          if (over || performance.now() < until) continue
          over = true
          resolve({ gap: await longestGap() })
        }
      })()
    }
  })
}

async function roundTrips(requester: Requester): Promise<Report> {
  const cold: number[] = []
  const warm: number[] = []
  const warmAt = performance.now() + spec.warmUp
  const until = warmAt + spec.window
  for (let before = performance.now(); before < until || cold.length < COLD_TRIPS; ) {
    await requester.request()
    const after = performance.now()
    if (cold.length < COLD_TRIPS) cold.push(after - before)
    if (after > warmAt) warm.push(after - before)
    before = after
  }
  return { p50: percentile(warm, 0.5), p99: percentile(warm, 0.99), p99Cold: percentile(cold, 0.99) }
}

/** Of milliseconds, in microseconds. */
function percentile(samples: number[], share: number): number {
  return samples.sort((a, b) => a - b)[Math.floor(samples.length * share)]! * 1000
}

/** Never returns. */
function rest(): Promise<never> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setInterval(collect, GARBAGE_INTERVAL)
  return new Promise(() => {})
}

function watch(): void {
  eventLoop!.enable()
}

/** One turn later, so that a loop that never turned is seen as well; then the whole window was one gap. */
async function longestGap(): Promise<number> {
  await new Promise(resolve => setTimeout(resolve, 2))
  if (eventLoop === undefined || eventLoop.count === 0) return spec.window
  return eventLoop.max / 1e6
}

function load(name: string): Promise<Ends> {
  switch (partsOfName(name).system) {
    case 'zeromq':
      return import('./zeromq.ts').then(module => module.open())
    case 'nats':
      return import('./nats.ts').then(module => module.open())
    case 'raw':
      return import('./raw.ts').then(module => module.open())
    default:
      return import('./typedmq.ts').then(module => module.open(name))
  }
}

function tell(line: Opening | Sample | Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
