/** Strangers on the network who mean no good, and hosts that die. In namespaces: a flood is nobody else's business. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'vitest'
import { Lan, type LanHost, missingRights } from './support/network.ts'
import { Peer, service } from './support/peer.ts'
import { bundle } from './support/program.ts'

const FLOOD = await bundle(new URL('support/flood-process.ts', import.meta.url))

/** Sends its hostile datagrams and ends. */
async function flood(
  host: LanHost,
  kind: 'fakes' | 'garbage' | 'goodbyes',
  ...rest: string[]
): Promise<void> {
  const [program, ...prefix] = host.prefix
  const child = spawn(program!, [...prefix, process.execPath, FLOOD, kind, ...rest], {
    stdio: 'inherit',
  })
  await once(child, 'exit')
}

const why = missingRights ? ` (${missingRights})` : ''

describe.skipIf(missingRights)(
  `strangers on the network${why}`,
  { concurrent: true, timeout: 180_000 },
  () => {
    it('who announce 10,000 fakes cost bounded memory, and honest peers are still found', async ({
      expect,
    }) => {
      using lan = new Lan(3)
      const [one, honest, hostile] = lan.hosts
      await using watcher = new Peer({ watch: ['jobs'] }, one)
      await using early = new Peer({ announce: [service('jobs', 'early', 5001)] }, honest)
      await watcher.up('early')
      const before = await watcher.memory()
      await flood(hostile!, 'fakes')
      await using late = new Peer({ announce: [service('jobs', 'late', 5002)] }, honest)
      await watcher.up('late')
      expect(watcher.known).toContain('early')
      expect(watcher.known.length).toBeLessThanOrEqual(2_000)
      expect((await watcher.memory()) - before).toBeLessThan(64 * 1024 * 1024)
      expect([await early.end(), await late.end()]).toEqual([0, 0])
    })

    it('who send malformed datagrams disturb nobody', async ({ expect }) => {
      using lan = new Lan(3)
      const [one, two, hostile] = lan.hosts
      await using watcher = new Peer({ watch: ['jobs'], announce: [service('jobs', 'one', 5001)] }, one)
      await watcher.ready
      await flood(hostile!, 'garbage')
      await using worker = new Peer({ announce: [service('jobs', 'two', 5002)] }, two)
      await watcher.up('two')
      expect(await worker.end()).toBe(0)
      expect(await watcher.end()).toBe(0)
      expect(watcher.history.lines.filter(line => line.error)).toEqual([])
    })

    it('who say goodbye for others are contradicted', async ({ expect }) => {
      using lan = new Lan(3)
      const [one, two, hostile] = lan.hosts
      // A long period: only the contradiction can save the peer.
      await using watcher = new Peer({ watch: ['jobs'], period: 600_000 }, one)
      await using worker = new Peer({ announce: [service('jobs', 'two', 5002)], period: 600_000 }, two)
      await worker.ready
      await watcher.up('two')
      await flood(hostile!, 'goodbyes')
      await using third = new Peer({ announce: [service('jobs', 'three', 5003)] }, two)
      await watcher.up('three')
      expect(watcher.history.lines.some(line => line.kind === 'down')).toBe(false)
      await third.end()
    })

    it('cannot speak from beyond the link', async ({ expect }) => {
      using lan = new Lan(3)
      const [one, two, hostile] = lan.hosts
      hostile!.run(
        'sh',
        '-ec',
        'ip addr flush dev eth0; ip addr add 198.51.100.9/24 dev eth0; ip route replace default dev eth0',
      )
      await using watcher = new Peer({ watch: ['jobs'] }, one)
      await watcher.ready
      await using outsider = new Peer({ announce: [service('jobs', 'outsider', 5009)] }, hostile)
      await outsider.ready
      await using worker = new Peer({ announce: [service('jobs', 'two', 5002)] }, two)
      await watcher.up('two')
      expect(watcher.known).toEqual(['two'])
      await worker.end()
    })
  },
)

describe.skipIf(missingRights)(`a hundred services${why}`, { concurrent: true, timeout: 180_000 }, () => {
  it('are all found, from one process or from several, by who was there before and by who comes late', async () => {
    using lan = new Lan(3)
    const [one, two, three] = lan.hosts
    await using early = new Peer({ watch: ['jobs'] }, one)
    const block = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => service('jobs', `worker ${from + n}`, 6000 + from + n))
    await using many = new Peer({ announce: block(0, 50) }, two)
    const others = Array.from({ length: 2 }, (_, n) => new Peer({ announce: block(50 + n * 25, 25) }, three))
    await Promise.all([many.ready, ...others.map(peer => peer.ready)])
    await early.history.until(() => early.known.length === 100)
    await using late = new Peer({ watch: ['jobs'] }, one)
    await late.ready
    await late.history.until(() => late.known.length === 100)
    await Promise.all(others.map(peer => peer.end()))
  })
})
