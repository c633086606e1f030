/** The whole way: processes that find each other, and messages that flow. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { announce, dns, follow, mdns } from '../../src/discovery/index.ts'
import { Pull, Push } from '../../src/index.ts'
import { Dnsmasq, missingDnsmasq } from './support/dnsmasq.ts'
import { History } from './support/peer.ts'
import { bundle } from './support/program.ts'

class Worker implements AsyncDisposable {
  static readonly #program = bundle(new URL('support/worker-process.ts', import.meta.url))
  readonly jobs = new History<number>()
  readonly #process: ChildProcess

  private constructor(program: string, name: string) {
    this.#process = spawn(process.execPath, [program, name, 'lo'], { stdio: ['ignore', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout! }).on('line', line => this.jobs.add(Number(line)))
  }

  static async start(name: string): Promise<Worker> {
    return new Worker(await Worker.#program, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}

describe('a pipeline on loopback', () => {
  it('gives work to each worker that starts, and elsewhere when one is killed', async () => {
    const name = crypto.randomUUID()
    await using discovery = mdns({ period: 1000, interfaces: ['lo'] })
    await using push = new Push<number>({ linger: 0 })
    await using following = follow(push, name, { discovery })
    await using first = await Worker.start(name)
    await push.send(1)
    await first.jobs.until(jobs => jobs.length > 0)
    const second = await Worker.start(name)
    await push.connected(2)
    for (let job = 2; job < 12; job++) await push.send(job)
    await Promise.all([
      first.jobs.until(jobs => jobs.length >= 6),
      second.jobs.until(jobs => jobs.length === 5),
    ])
    const down = once(following, 'down')
    const lost = once(push.events, 'disconnect')
    await second[Symbol.asyncDispose]()
    await lost
    const before = first.jobs.lines.length
    await down
    for (let job = 12; job < 22; job++) await push.send(job)
    await first.jobs.until(jobs => jobs.length === before + 10)
    expect(following.services).toHaveLength(1)
  })

  it('withdraws a socket that closes, and its siblings live on', async () => {
    const name = crypto.randomUUID()
    await using discovery = mdns({ interfaces: ['lo'] })
    await using elsewhere = mdns({ interfaces: ['lo'] })
    const [leaving, staying] = [new Pull<number>(), new Pull<number>()]
    for (const pull of [leaving, staying]) {
      await pull.bind('tcp://127.0.0.1:0')
      announce(pull, name, { discovery: elsewhere })
    }
    await using push = new Push<number>({ linger: 0 })
    await using following = follow(push, name, { discovery })
    await push.connected(2)
    const down = once(following, 'down')
    await leaving.close()
    await down
    await push.send(1)
    expect(await staying.receive()).toBe(1)
    expect(following.services).toHaveLength(1)
    await staying.close()
  })

  it('keeps no process alive by discovery alone', async () => {
    const program = await bundle(new URL('support/lonely-process.ts', import.meta.url))
    const [code] = await once(spawn(process.execPath, [program], { stdio: 'inherit' }), 'exit')
    expect(code).toBe(0)
  })
})

describe.skipIf(missingDnsmasq)(
  `a pipeline in a cluster${missingDnsmasq ? ` (${missingDnsmasq})` : ''}`,
  () => {
    it('follows the DNS from 1 to 5 replicas and back while messages flow, and accounts for each', async () => {
      const service = '_zmtp._tcp.jobs.test'
      const received = new History<number>()
      const replicas: { pull: Pull<number>; port: number; got: number }[] = []
      const closed: Pull<number>[] = []
      const scale = async (count: number) => {
        while (replicas.length < count) {
          const pull = new Pull<number>()
          const replica = {
            pull,
            port: Number((await pull.bind('tcp://127.0.0.1:0')).split(':').at(-1)),
            got: 0,
          }
          replicas.push(replica)
          void (async () => {
            for await (const job of pull) {
              replica.got++
              received.add(job)
            }
          })()
        }
        const leaving = replicas.splice(count)
        const targets = replicas.map(({ port }) => ({ target: 'worker.test', port }))
        await server.serve({ srv: { [service]: targets }, hosts: { 'worker.test': ['127.0.0.1'] } })
        for (const { pull } of leaving) {
          await pull.close()
          closed.push(pull)
        }
      }
      await using server = await Dnsmasq.start({})
      await using discovery = dns({ service, servers: [server.address], interval: 100 })
      await using push = new Push<number>({ linger: 0, sendHighWaterMark: 10 })
      await scale(1)
      await using following = follow(push, 'jobs', { discovery })
      following.on('error', () => {})

      let sent = 0
      const stop = new AbortController()
      const flow = (async () => {
        while (!stop.signal.aborted) {
          await push.send(sent++)
          if (sent % 10 === 0) await new Promise(setImmediate)
        }
      })()
      await push.connected(1)
      await scale(5)
      await push.connected(5)
      const fair = replicas.map(replica => replica.got)
      await received.until(() => replicas.every((replica, n) => replica.got > fair[n]! + 10))
      await scale(1)
      await expect.poll(() => push.peers.length, { timeout: 20_000 }).toBe(1)
      const [last] = replicas
      const before = last!.got
      await received.until(() => last!.got > before + 100)
      stop.abort()
      await flow

      const counted = () => {
        const unread = closed.reduce((sum, pull) => sum + (pull.stats().dropped.unread ?? 0), 0)
        return received.lines.length + unread + push.stats().possiblyLost!
      }
      // Counters change without a message too: what is left of a connection that ends late.
      await expect.poll(counted, { timeout: 20_000 }).toBeGreaterThanOrEqual(sent)
      expect(new Set(received.lines).size).toBe(received.lines.length)
      await scale(0)
    })
  },
)
