import Bonjour, { type Service as FoundService } from 'bonjour-service'
import { describe, it } from 'vitest'
import { mdns, type Service } from '../../src/discovery/index.ts'
import { Avahi, missingAvahi } from './support/avahi.ts'
import { Lan, missingRights } from './support/network.ts'
import { History, Peer, service } from './support/peer.ts'

const missing = missingRights ?? missingAvahi

describe.skipIf(missing)(
  `avahi${missing ? ` (${missing})` : ''}`,
  { concurrent: true, timeout: 180_000 },
  () => {
    it('shows our services, all of them, and sees them go', async ({ expect }) => {
      using lan = new Lan(2)
      const [theirs, ours] = lan.hosts
      await using avahi = await Avahi.start(theirs!)
      const found = avahi.browse()
      const services = [
        service('jobs', 'one', 5001, {
          codec: 'msgpack',
          mechanism: 'NULL',
          protocol: '3.1',
          meta: { zone: 'eu' },
        }),
        service('other.jobs', 'two', 5002),
      ]
      await using peer = new Peer({ announce: services }, ours)
      const resolved = (port: number) =>
        found.until(lines =>
          lines.find(line => line.startsWith('=;eth0;IPv4;') && line.includes(`;${ours!.v4};${port};`)),
        )
      const [one, two] = await Promise.all([resolved(5001), resolved(5002)])
      expect(one).toMatch(
        /;jobs\\032[0-9a-f]{12}-5001;_typedmq\._tcp;local;typedmq-[0-9a-f]{12}-5001\.local;/,
      )
      expect(one).toContain(
        '"meta.zone=eu" "codec=msgpack" "security=NULL" "zmtp=3.1" "type=PULL" "id=one" "name=jobs" "txtvers=1"',
      )
      expect(two).toMatch(/;other-jobs\\032/)
      peer.withdraw()
      await found.until(lines => lines.filter(line => line.startsWith('-;eth0;IPv4;')).length === 2)
    })

    it('announces to us, and withdraws', async ({ expect }) => {
      using lan = new Lan(2)
      const [theirs, ours] = lan.hosts
      await using avahi = await Avahi.start(theirs!)
      await using peer = new Peer({ watch: ['jobs', 'plain'] }, ours)
      await peer.ready
      const full = avahi.publish(
        'some name',
        5555,
        'name=jobs',
        'id=foreign',
        'type=PUSH',
        'meta.zone=eu',
        'flag',
      )
      avahi.publish('plain', 5556)
      const by4 = (port: number) => (each: Service) => each.endpoints.includes(`tcp://${theirs!.v4}:${port}`)
      const found = await peer.up('foreign', by4(5555))
      expect(found).toMatchObject({ name: 'jobs', socketType: 'PUSH', meta: { zone: 'eu' } })
      await peer.up('plain._typedmq._tcp.local', by4(5556))
      full.kill()
      await peer.down('foreign')
    })
  },
)

describe('bonjour-service', { concurrent: true, timeout: 180_000 }, () => {
  const options = { interface: '127.0.0.1', bind: '0.0.0.0' }

  it('finds what we announce', async ({ expect }) => {
    const name = crypto.randomUUID()
    await using discovery = mdns({ interfaces: ['lo'] })
    await discovery.announce({
      name,
      instance: name,
      endpoints: ['tcp://127.0.0.1:5001'],
      socketType: 'PULL',
    })
    const bonjour = new Bonjour(options as object, () => {})
    const found = new History<FoundService>()
    bonjour.find({ type: 'typedmq' }, each => found.add(each))
    const ours = await found.until(all => all.find(each => each.txt?.name === name))
    expect(ours).toMatchObject({ port: 5001, addresses: ['127.0.0.1'], txt: { id: name, type: 'PULL' } })
    await new Promise<void>(resolve => bonjour.destroy(resolve))
  })

  it('is found by us', async ({ expect }) => {
    const name = crypto.randomUUID()
    const bonjour = new Bonjour(options as object, () => {})
    bonjour.publish({
      name,
      type: 'typedmq',
      port: 5002,
      host: 'worker.example',
      txt: { name, id: name },
      probe: false,
    })
    await using discovery = mdns({ interfaces: ['lo'] })
    for await (const { service } of discovery.watch(name)) {
      expect(service.instance).toBe(name)
      expect(service.endpoints.every(endpoint => endpoint.endsWith(':5002'))).toBe(true)
      break
    }
    await new Promise<void>(resolve => bonjour.destroy(resolve))
  })
})
