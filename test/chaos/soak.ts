/**
 * `npm run soak -- --minutes N`: every pattern at work, with peers that come and go; memory and handles must stay as they are.
 * `--control`: as many connections of `node:net` alone in place of ours, to see what Node itself keeps.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  raw,
  Subscriber,
  XPublisher,
  XSubscriber,
} from '../../src/index.ts'
import { collectedBytes } from '../hostile/memory.ts'

/** Milliseconds between two samples. */
const EVERY = 5_000
/** The first part of a run, in which everything is still being made and compiled, counts for nothing. */
const WARM_UP = 0.25
/** Bytes by which the heap may seem to grow over a whole run: noise of garbage collection. */
const NOISE = 2 * 1024 * 1024
/** The same of what is resident: the allocator keeps what it once had, in large pieces. */
const RESIDENT_NOISE = 24 * 1024 * 1024
/** Handles by which samples may differ: one round's sockets that are just closing. */
const HANDLE_NOISE = 4
const COMMON = { codec: raw, linger: 1_000, reconnectInterval: 10, reconnectIntervalMax: 50 }

interface Sample {
  readonly minutes: number
  readonly heap: number
  readonly rss: number
  readonly handles: number
}

/** One round of everything; all sockets but the bound ones are new. */
async function round(endpoints: Endpoints): Promise<number> {
  const push = new Push<any>(COMMON)
  const subscriber = new Subscriber<any>(COMMON)
  const request = new Request<any, any>(COMMON)
  const dealer = new Dealer<any, any>(COMMON)
  const pair = new Pair<any>(COMMON)
  const xsubscriber = new XSubscriber<any>(COMMON)
  push.connect(endpoints.pull)
  subscriber.subscribe('news')
  subscriber.connect(endpoints.publisher)
  request.connect(endpoints.reply)
  dealer.connect(endpoints.router)
  pair.connect(endpoints.pair)
  xsubscriber.connect(endpoints.xpublisher)
  await Promise.all([pair.connected(), xsubscriber.connected()])
  await Promise.all([push.connected(), subscriber.ready(), request.connected(), dealer.connected()])
  let messages = 0
  for (let count = 0; count < 200; count++) {
    await push.send(Buffer.alloc(count))
    await dealer.send([Buffer.from('a'), Buffer.alloc(count)])
    await request.request(Buffer.alloc(count))
    await dealer.receive()
    await pair.send(Buffer.alloc(count))
    await pair.receive()
    messages += 7
  }
  xsubscriber.subscribe('x')
  await xsubscriber.receive()
  // Leaves more than one read holds, undecoded, with every life.
  for (let count = 0; count < 2_000; count++) await push.send(Buffer.alloc(100))
  await Promise.all([push, subscriber, request, dealer, pair, xsubscriber].map(socket => socket.close()))
  return messages
}

interface Endpoints {
  readonly pull: string
  readonly publisher: string
  readonly reply: string
  readonly router: string
  readonly pair: string
  readonly xpublisher: string
}

/** Connections of one `round`. */
const CONNECTIONS = 6

/** What a round costs Node alone: as many connections, each with something said both ways. */
async function controlRound(port: number): Promise<number> {
  for (let count = 0; count < CONNECTIONS; count++) {
    const socket = connect(port, '127.0.0.1')
    socket.write(Buffer.alloc(20_000))
    await once(socket, 'data')
    socket.end()
    socket.resume()
    await once(socket, 'close')
  }
  return CONNECTIONS
}

async function control(minutes: number): Promise<void> {
  const server = createServer(socket => {
    socket.on('data', chunk => socket.write(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const samples = await sampled(minutes, () => controlRound(port))
  server.close()
  judge(samples, minutes)
}

async function soak(minutes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'))
  const pull = new Pull<any>(COMMON)
  const publisher = new Publisher<any>(COMMON)
  const reply = new Reply<any, any>(COMMON)
  const router = new Router<any, any>(COMMON)
  const pair = new Pair<any>(COMMON)
  const xpublisher = new XPublisher<any>(COMMON)
  const endpoints = {
    pull: await pull.bind('tcp://127.0.0.1:0'),
    publisher: await publisher.bind(`ipc://${folder}/publisher`),
    reply: await reply.bind('tcp://127.0.0.1:0'),
    router: await router.bind(`ipc://${folder}/router`),
    pair: await pair.bind('tcp://127.0.0.1:0'),
    xpublisher: await xpublisher.bind('tcp://127.0.0.1:0'),
  }
  void (async () => {
    for await (const value of pair) await pair.send(value).catch(() => {})
  })()
  void (async () => {
    for await (const _ of xpublisher) await xpublisher.send('x', Buffer.from('news'))
  })()
  void reply.serve(question => question)
  void (async () => {
    for await (const { peer, value } of router) await router.send(peer, value).catch(() => {})
  })()
  void (async () => {
    for await (const _ of pull) await publisher.send('news', Buffer.from('news'))
  })()

  const samples = await sampled(minutes, () => round(endpoints))
  await Promise.all([pull, publisher, reply, router, pair, xpublisher].map(socket => socket.close()))
  rmSync(folder, { recursive: true })
  judge(samples, minutes)
}

async function sampled(minutes: number, work: () => Promise<number>): Promise<Sample[]> {
  const samples: Sample[] = []
  const begun = performance.now()
  let next = EVERY
  let messages = 0
  while (performance.now() - begun < minutes * 60_000) {
    messages += await work()
    if (performance.now() - begun < next) continue
    next += EVERY
    const sample = take((performance.now() - begun) / 60_000)
    samples.push(sample)
    console.log(
      `${sample.minutes.toFixed(1)} min: ${messages} messages, heap ${mebibytes(sample.heap)}, rss ${mebibytes(sample.rss)}, ${sample.handles} handles`,
    )
  }
  return samples
}

function judge(samples: readonly Sample[], minutes: number): void {
  const counted = samples.slice(Math.floor(samples.length * WARM_UP))
  const heap = slope(counted.map(({ minutes, heap }) => [minutes, heap]))
  const rss = slope(counted.map(({ minutes, rss }) => [minutes, rss]))
  const handles = counted.map(sample => sample.handles)
  const spread = Math.max(...handles) - Math.min(...handles)
  console.log(
    `an hour: heap ${mebibytes(60 * heap)}, rss ${mebibytes(60 * rss)}; handles ${Math.min(...handles)} to ${Math.max(...handles)}`,
  )
  const growing = [
    ...(heap * minutes > NOISE ? ['the heap'] : []),
    ...(rss * minutes > RESIDENT_NOISE ? ['what is resident'] : []),
    ...(spread > HANDLE_NOISE ? ['the number of handles'] : []),
  ]
  console.log(`${growing.length === 0 ? 'nothing' : growing.join(' and ')} grows`)
  if (growing.length > 0) process.exitCode = 1
}

function take(minutes: number): Sample {
  const heap = collectedBytes()
  return { minutes, heap, rss: process.memoryUsage.rss(), handles: process.getActiveResourcesInfo().length }
}

/** Least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const rise = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0)
  const run = points.reduce((sum, [px]) => sum + (px - x) ** 2, 0)
  return run === 0 ? 0 : rise / run
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, control: { type: 'boolean' } } })
  const minutes = Number(values.minutes ?? 10)
  await (values.control ? control(minutes) : soak(minutes))
}
