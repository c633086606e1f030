import { randomInt } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { announce, type Discovery, follow } from '../../src/discovery/index.ts'
import { libzmq } from '../../src/engine/libzmq/index.ts'
import { OptionError } from '../../src/errors.ts'
import { Dealer, json, Pull, Push } from '../../src/index.ts'
import { ByHand } from './support/by-hand.ts'

/** A Pull that is bound, with its endpoint. */
async function worker(endpoint = 'tcp://127.0.0.1:0') {
  const pull = new Pull<number>()
  return { pull, endpoint: await pull.bind(endpoint) }
}

/** An endpoint where nobody listens. Below the ports that systems hand out: no other socket gets it in the meantime. */
async function nowhere(): Promise<string> {
  for (;;) {
    await using probe = new Pull()
    try {
      return await probe.bind(`tcp://127.0.0.1:${randomInt(10_000, 30_000)}`)
    } catch {
      // Somebody's: the next one.
    }
  }
}

const QUICK = { reconnectInterval: 10, reconnectIntervalMax: 20, linger: 0 }

describe('follow', () => {
  it('connects to each peer that appears, and messages flow to all', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const workers = [await worker(), await worker(), await worker()]
    for (const { endpoint } of workers) discovery.up(endpoint, [endpoint])
    await using _following = follow(push, 'jobs', { discovery })
    await push.connected(3)
    for (let n = 0; n < 3; n++) await push.send(n)
    await Promise.all(workers.map(({ pull }) => pull.receive()))
    await Promise.all(workers.map(({ pull }) => pull.close()))
  })

  it('keeps a live connection when its peer is not heard of, and lets go once the connection ends', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const { pull, endpoint } = await worker()
    discovery.up('worker', [endpoint])
    await using following = follow(push, 'jobs', { discovery })
    await push.connected()
    discovery.down('worker')
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    expect(push.peers).toHaveLength(1)
    const down = once(following, 'down')
    await pull.close()
    await down
    expect(following.services).toEqual([])
    // Nobody dials any more: connecting anew is no double.
    push.connect(endpoint)
  })

  it('keeps the peer when it is heard of again in time', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const { pull, endpoint } = await worker()
    discovery.up('worker', [endpoint])
    await using following = follow(push, 'jobs', { discovery })
    following.on('down', () => expect.unreachable())
    await push.connected()
    discovery.down('worker')
    const again = once(following, 'up')
    discovery.up('worker', [endpoint])
    await again
    await pull.close()
    await using back = (await worker(endpoint)).pull
    await push.connected()
    await push.send(2)
    expect(await back.receive()).toBe(2)
  })

  it('stops dialling a peer that is gone', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const endpoint = await nowhere()
    discovery.up('worker', [endpoint])
    await using following = follow(push, 'jobs', { discovery })
    await once(push.events, 'connect:retry')
    const down = once(following, 'down')
    discovery.down('worker')
    await down
    push.connect(endpoint)
  })

  it('tries the addresses of a peer in turn until one answers', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const { pull, endpoint } = await worker()
    discovery.up('worker', [await nowhere(), await nowhere(), endpoint])
    await using _following = follow(push, 'jobs', { discovery })
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    await pull.close()
  })

  it('moves to a new address when the old one no longer counts', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    discovery.up('worker', [await nowhere()])
    await using _following = follow(push, 'jobs', { discovery })
    await once(push.events, 'connect:retry')
    const { pull, endpoint } = await worker()
    discovery.up('worker', [endpoint])
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    await pull.close()
  })

  it('holds one connection for a process that came back and its ghost', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const { pull, endpoint } = await worker()
    discovery.up('ghost', [endpoint])
    discovery.up('back', [endpoint])
    await using following = follow(push, 'jobs', { discovery })
    await push.connected()
    discovery.down('ghost')
    await push.send(1)
    expect(await pull.receive()).toBe(1)
    expect(push.peers).toHaveLength(1)
    expect(following.services).toHaveLength(2)
    await pull.close()
  })

  it('refuses what cannot talk, and says what differs, once until it changes', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>({ ...QUICK, codec: json })
    await using following = follow(push, 'jobs', { discovery, contract: 'jobs/2' })
    const mismatches: unknown[] = []
    following.on('mismatch', ({ service, differences }) => mismatches.push([service.instance, differences]))
    discovery.up('pusher', ['tcp://127.0.0.1:1'], { socketType: 'PUSH' })
    discovery.up('other', ['tcp://127.0.0.1:2'], { socketType: 'PULL', codec: 'msgpack', contract: 'jobs/1' })
    discovery.up('other', ['tcp://127.0.0.1:3'], { socketType: 'PULL', codec: 'msgpack', contract: 'jobs/1' })
    const { pull, endpoint } = await worker()
    discovery.up('fits', [endpoint], { socketType: 'PULL', codec: 'json' })
    await push.connected()
    expect(mismatches).toEqual([
      ['pusher', [{ property: 'socketType', ours: 'PULL', theirs: 'PUSH' }]],
      [
        'other',
        [
          { property: 'codec', ours: 'json', theirs: 'msgpack' },
          { property: 'contract', ours: expect.any(String), theirs: 'jobs/1' },
        ],
      ],
    ])
    expect(following.services.map(service => service.instance)).toEqual(['fits'])
    await pull.close()
  })

  it('leaves the last word to `accept`, whose errors refuse', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const { pull, endpoint } = await worker()
    for (const zone of ['us', 'bad', 'eu'])
      discovery.up(zone, [zone === 'eu' ? endpoint : await nowhere()], { meta: { zone } })
    const accept = ({ meta }: { meta?: Readonly<Record<string, string>> | undefined }) => {
      if (meta?.['zone'] === 'bad') throw new Error('what is this?')
      return meta?.['zone'] === 'eu'
    }
    await using following = follow(push, 'jobs', { discovery, accept })
    const errors: string[] = []
    following.on('error', error => errors.push(error.message))
    await push.connected()
    expect(following.services.map(service => service.instance)).toEqual(['eu'])
    expect(errors).toEqual(['option accept has thrown: what is this?'])
    await pull.close()
  })

  it('skips what the very socket announces, unless asked for it', async () => {
    for (const own of [false, true]) {
      const discovery = new ByHand()
      await using dealer = new Dealer<string, string>(QUICK)
      await dealer.bind('tcp://127.0.0.1:0')
      announce(dealer, 'jobs', { discovery })
      await discovery.history.until(lines => lines.length === 1)
      for (const service of discovery.announced.values())
        discovery.up(service.instance, service.endpoints, service)
      await using following = follow(dealer, 'jobs', { discovery, own })
      const other = new Dealer<string, string>(QUICK)
      discovery.up('other', [await other.bind('tcp://127.0.0.1:0')])
      await once(following, 'up')
      await dealer.connected(own ? 3 : 1)
      expect(following.services).toHaveLength(own ? 2 : 1)
      await other.close()
    }
  })

  it('knows its own address in answers that know no instances', async () => {
    const discovery = new ByHand()
    await using dealer = new Dealer<string, string>(QUICK)
    const port = (await dealer.bind('tcp://0.0.0.0:0')).split(':').at(-1)
    await using following = follow(dealer, 'jobs', { discovery })
    discovery.up('127.0.0.1', [`tcp://127.0.0.1:${port}`])
    discovery.up('other', [await nowhere()])
    await once(following, 'up')
    expect(following.services.map(service => service.instance)).toEqual(['other'])
  })

  it('lets those of a higher priority number stand in while the first cannot be reached', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const primary = await nowhere()
    const standby = await worker()
    discovery.up('primary', [primary], { priority: 1 })
    discovery.up('standby', [standby.endpoint], { priority: 2 })
    await using _following = follow(push, 'jobs', { discovery })
    await push.connected()
    expect(push.peers.map(peer => peer.endpoint)).toEqual([standby.endpoint])
    const released = once(push.events, 'disconnect')
    const back = await worker(primary)
    expect((await released)[0]).toMatchObject({ endpoint: standby.endpoint })
    await push.connected()
    expect(push.peers.map(peer => peer.endpoint)).toEqual([primary])
    await Promise.all([back.pull.close(), standby.pull.close()])
  })

  it('holds no more connections than its limit, and replaces one that is lost', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>(QUICK)
    const workers = [await worker(), await worker()]
    for (const { endpoint } of workers) discovery.up(endpoint, [endpoint])
    await using _following = follow(push, 'jobs', { discovery, limit: 1 })
    await push.connected()
    const [held, spare] = push.peers[0]!.endpoint === workers[0]!.endpoint ? workers : workers.toReversed()
    const replaced = once(push.events, 'handshake')
    await held!.pull.close()
    expect((await replaced)[0]).toMatchObject({ endpoint: spare!.endpoint })
    await spare!.pull.close()
  })

  it('leaves live connections alone when it ends, and stops dialling the others', async () => {
    for (const end of ['dispose', 'abort', 'provider'] as const) {
      const discovery = new ByHand()
      await using push = new Push<number>(QUICK)
      const { pull, endpoint } = await worker()
      const dead = await nowhere()
      discovery.up('live', [endpoint])
      discovery.up('dead', [dead])
      const abort = new AbortController()
      const following = follow(push, 'jobs', { discovery, signal: abort.signal })
      await push.connected()
      if (end === 'dispose') await following[Symbol.asyncDispose]()
      if (end === 'abort') abort.abort()
      if (end === 'provider') {
        await discovery[Symbol.asyncDispose]()
        await new Promise(setImmediate)
      }
      expect(discovery.watchers).toBe(0)
      expect(push.events.listenerCount('handshake')).toBe(0)
      push.connect(dead)
      await push.send(1)
      await pull.close()
    }
  })

  it('survives endpoints that are none, and providers that throw', async () => {
    const failing: Discovery & { tries: number } = {
      tries: 0,
      events: new EventEmitter(),
      announce: () => Promise.reject(new Error('unused')),
      watch() {
        this.tries++
        throw new Error('no network today')
      },
      async [Symbol.asyncDispose]() {},
    }
    await using push = new Push<number>(QUICK)
    const following = follow(push, 'jobs', { discovery: failing })
    const errors: string[] = []
    following.on('error', error => errors.push(error.message))
    const discovery = new ByHand()
    discovery.up('nonsense', ['gopher://x'])
    discovery.up('nonsense 2', ['tcp://x:99999'])
    const { pull, endpoint } = await worker()
    discovery.up('fits', [endpoint])
    await using other = follow(push, 'jobs', { discovery })
    other.on('error', error => errors.push(error.message))
    await push.connected()
    expect(errors.join('\n')).toMatch(/gopher:\/\/x/)
    expect(errors.join('\n')).toMatch(/99999/)
    await following[Symbol.asyncDispose]()
    await pull.close()
  })

  it('throws at once for options that cannot be', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>()
    expect(() => follow(push, '', { discovery })).toThrow(OptionError)
    expect(() => follow(push, 'jobs', { discovery, limit: 0 })).toThrow(OptionError)
  })
})

describe('follow with the engine on libzmq', () => {
  it('tries the addresses of a peer in turn until one answers, and those it has later', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>({ ...QUICK, engine: libzmq() })
    const workers = [await worker(), await worker()]
    const [first, second] = workers
    discovery.up('worker', [await nowhere(), await nowhere(), first!.endpoint])
    await using following = follow(push, 'jobs', { discovery })
    await push.connected()
    await push.send(1)
    expect(await first!.pull.receive()).toBe(1)
    const again = once(following, 'up')
    discovery.up('worker', [await nowhere(), second!.endpoint])
    await again
    expect(push.peers.map(peer => peer.endpoint)).toEqual([first!.endpoint])
    const moved = once(push.events, 'handshake')
    await first!.pull.close()
    expect((await moved)[0]).toMatchObject({ endpoint: second!.endpoint })
    await push.send(2)
    expect(await second!.pull.receive()).toBe(2)
    await second!.pull.close()
  })

  it('leaves an address that is not listed any more, and one connection is for two services at one address', async () => {
    const discovery = new ByHand()
    await using push = new Push<number>({ ...QUICK, engine: libzmq() })
    const { pull, endpoint } = await worker()
    discovery.up('worker', [await nowhere()])
    await using following = follow(push, 'jobs', { discovery })
    await once(push.events, 'connect:retry')
    discovery.up('worker', [endpoint])
    discovery.up('ghost', [endpoint])
    await push.connected()
    expect([push.peers.length, following.services.length]).toEqual([1, 2])
    const down = once(following, 'down')
    discovery.down('ghost')
    await pull.close()
    await down
    expect(following.services.map(({ instance }) => instance)).toEqual(['worker'])
  })
})
