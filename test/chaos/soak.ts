/** `npm run soak -- --minutes N`: every pattern at work, with peers that come and go; memory and handles must stay as they are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, raw, Subscriber } from '../../src/index.ts'
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
  push.connect(endpoints.pull)
  subscriber.subscribe('news')
  subscriber.connect(endpoints.publisher)
  request.connect(endpoints.reply)
  dealer.connect(endpoints.router)
  await Promise.all([push.connected(), subscriber.ready(), request.connected(), dealer.connected()])
  let messages = 0
  for (let count = 0; count < 200; count++) {
    await push.send(Buffer.alloc(count))
    await dealer.send([Buffer.from('a'), Buffer.alloc(count)])
    await request.request(Buffer.alloc(count))
    await dealer.receive()
    messages += 5
  }
  await Promise.all([push, subscriber, request, dealer].map(socket => socket.close()))
  return messages
}

interface Endpoints {
  readonly pull: string
  readonly publisher: string
  readonly reply: string
  readonly router: string
}

async function soak(minutes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'))
  const pull = new Pull<any>(COMMON)
  const publisher = new Publisher<any>(COMMON)
  const reply = new Reply<any, any>(COMMON)
  const router = new Router<any, any>(COMMON)
  const endpoints = {
    pull: await pull.bind('tcp://127.0.0.1:0'),
    publisher: await publisher.bind(`ipc://${folder}/publisher`),
    reply: await reply.bind('tcp://127.0.0.1:0'),
    router: await router.bind(`ipc://${folder}/router`),
  }
  void reply.serve(question => question)
  void (async () => {
    for await (const { peer, value } of router) await router.send(peer, value).catch(() => {})
  })()
  void (async () => {
    for await (const _ of pull) await publisher.send('news', Buffer.from('news'))
  })()

  const samples: Sample[] = []
  const begun = performance.now()
  let next = EVERY
  let messages = 0
  while (performance.now() - begun < minutes * 60_000) {
    messages += await round(endpoints)
    if (performance.now() - begun < next) continue
    next += EVERY
    const sample = take((performance.now() - begun) / 60_000)
    samples.push(sample)
    console.log(
      `${sample.minutes.toFixed(1)} min: ${messages} messages, heap ${mebibytes(sample.heap)}, rss ${mebibytes(sample.rss)}, ${sample.handles} handles`,
    )
  }
  await Promise.all([pull, publisher, reply, router].map(socket => socket.close()))
  rmSync(folder, { recursive: true })

  const counted = samples.slice(Math.floor(samples.length * WARM_UP))
  const heap = slope(counted.map(({ minutes, heap }) => [minutes, heap]))
  const rss = slope(counted.map(({ minutes, rss }) => [minutes, rss]))
  const handles = counted.map(sample => sample.handles)
  const spread = Math.max(...handles) - Math.min(...handles)
  console.log(
    `${messages} messages; a minute: heap ${kibibytes(heap)}, rss ${kibibytes(rss)}; handles ${Math.min(...handles)} to ${Math.max(...handles)}`,
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

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { minutes: { type: 'string' } } })
  await soak(Number(values.minutes ?? 10))
}
