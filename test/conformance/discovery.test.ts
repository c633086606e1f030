/** What every discovery provider must do, whatever it stands on. */
import { describe, expect, it } from 'vitest'
import { type Discovery, dns, fixed, mdns, type Service } from '../../src/discovery/index.ts'
import { OptionError } from '../../src/errors.ts'
import { Dnsmasq, missingDnsmasq } from '../discovery/support/dnsmasq.ts'

/** A provider with these peers behind the name, each an endpoint at 127.0.0.x. */
interface Setup extends AsyncDisposable {
  readonly discovery: Discovery
  /** Undefined: the provider's peers never change. */
  readonly change?: (endpoints: readonly string[]) => Promise<void>
}

interface Provider {
  readonly name: string
  readonly missing: string | undefined
  readonly open: (name: string, endpoints: readonly string[]) => Promise<Setup>
}

const PORT = 5999

const providers: Provider[] = [
  {
    name: 'fixed',
    missing: undefined,
    async open(_name, endpoints) {
      const discovery = fixed(endpoints)
      return { discovery, [Symbol.asyncDispose]: () => discovery[Symbol.asyncDispose]() }
    },
  },
  {
    name: 'dns',
    missing: missingDnsmasq,
    async open(name, endpoints) {
      const host = `${name}.test`
      const zone = (all: readonly string[]) => ({
        hosts: { [host]: all.map(each => new URL(each).hostname) },
      })
      const server = await Dnsmasq.start(zone(endpoints))
      const discovery = dns({
        service: each => `${each}.test`,
        port: PORT,
        servers: [server.address],
        interval: 100,
      })
      return {
        discovery,
        change: all => server.serve(zone(all)),
        async [Symbol.asyncDispose]() {
          await discovery[Symbol.asyncDispose]()
          await server.stop()
        },
      }
    },
  },
  {
    name: 'mdns',
    missing: undefined,
    async open(name, endpoints) {
      const [discovery, elsewhere] = [mdns({ interfaces: ['lo'] }), mdns({ interfaces: ['lo'] })]
      const announced = new Map<string, AsyncDisposable>()
      const change = async (all: readonly string[]) => {
        for (const [endpoint, each] of announced) {
          if (all.includes(endpoint)) continue
          announced.delete(endpoint)
          await each[Symbol.asyncDispose]()
        }
        for (const endpoint of all) {
          if (announced.has(endpoint)) continue
          const instance = crypto.randomUUID()
          announced.set(endpoint, await elsewhere.announce({ name, instance, endpoints: [endpoint] }))
        }
      }
      await change(endpoints)
      return {
        discovery,
        change,
        async [Symbol.asyncDispose]() {
          await discovery[Symbol.asyncDispose]()
          await elsewhere[Symbol.asyncDispose]()
        },
      }
    },
  },
]

const at = (n: number) => `tcp://127.0.0.${n}:${PORT}`

/** Reads changes until those endpoints, and no others, are up. */
async function until(
  changes: AsyncIterator<{ kind: string; service: Service }>,
  up: Set<string>,
  wanted: string[],
) {
  while (up.size !== wanted.length || !wanted.every(endpoint => up.has(endpoint))) {
    const { value, done } = await changes.next()
    if (done) throw new Error('the provider has ended')
    for (const endpoint of value.service.endpoints) {
      if (value.kind === 'up') up.add(endpoint)
      else up.delete(endpoint)
    }
  }
}

/** Names of their own, for all tests share the loopback's multicast. */
const uniqueName = () => `conformance-${crypto.randomUUID().slice(0, 8)}`

for (const { name: provider, missing, open } of providers) {
  const why = missing ? ` (${missing})` : ''

  describe.skipIf(missing)(`discovery by ${provider}${why}`, { concurrent: true }, () => {
    it('tells each watcher of every peer that is there', async () => {
      const name = uniqueName()
      await using setup = await open(name, [at(1), at(2), at(3)])
      for (let watcher = 0; watcher < 2; watcher++) {
        const changes = setup.discovery.watch(name)[Symbol.asyncIterator]()
        await until(changes, new Set(), [at(1), at(2), at(3)])
      }
    })

    it('tells of the name and a lasting instance of a peer', async () => {
      const name = uniqueName()
      await using setup = await open(name, [at(1)])
      const instances: string[] = []
      for (let watcher = 0; watcher < 2; watcher++) {
        for await (const { service } of setup.discovery.watch(name)) {
          expect(service.name).toBe(name)
          instances.push(service.instance)
          break
        }
      }
      expect(instances[0]).not.toBe('')
      expect(instances[1]).toBe(instances[0])
    })

    it('tells of peers that come and go', async () => {
      const name = uniqueName()
      await using setup = await open(name, [at(1)])
      const changes = setup.discovery.watch(name)[Symbol.asyncIterator]()
      const up = new Set<string>()
      await until(changes, up, [at(1)])
      if (setup.change === undefined) return
      await setup.change([at(1), at(2), at(3)])
      await until(changes, up, [at(1), at(2), at(3)])
      await setup.change([at(3)])
      await until(changes, up, [at(3)])
    })

    it('ends quietly when aborted, before or while somebody waits', async () => {
      await using setup = await open(uniqueName(), [])
      for await (const _ of setup.discovery.watch('nobody', AbortSignal.abort()))
        throw new Error('unexpected')
      const abort = new AbortController()
      const end = setup.discovery.watch('nobody', abort.signal)[Symbol.asyncIterator]().next()
      abort.abort()
      expect((await end).done).toBe(true)
    })

    it('ends every watch when it is disposed of, and watches nothing after that', async () => {
      await using setup = await open(uniqueName(), [])
      const end = setup.discovery.watch('nobody')[Symbol.asyncIterator]().next()
      await setup.discovery[Symbol.asyncDispose]()
      expect((await end).done).toBe(true)
      for await (const _ of setup.discovery.watch('nobody')) throw new Error('unexpected')
      await setup.discovery[Symbol.asyncDispose]()
    })

    it('gives an announcement that can be withdrawn, twice', async () => {
      await using setup = await open(uniqueName(), [])
      const announced = await setup.discovery.announce({ name: 'a', instance: 'b', endpoints: [at(9)] })
      await announced[Symbol.asyncDispose]()
      await announced[Symbol.asyncDispose]()
    })

    it('refuses a name that cannot be one', async () => {
      await using setup = await open(uniqueName(), [])
      for (const name of ['', 'x'.repeat(64), 'a\tb']) {
        expect(() => setup.discovery.watch(name)).toThrow(OptionError)
        await expect(setup.discovery.announce({ name, instance: 'b', endpoints: [] })).rejects.toThrow(
          OptionError,
        )
      }
    })
  })
}
