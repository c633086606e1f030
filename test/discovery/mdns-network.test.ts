import { spawn } from 'node:child_process'
import { describe, it } from 'vitest'
import { Lan, missingRights } from './support/network.ts'
import { Peer, service } from './support/peer.ts'

const why = missingRights ? ` (${missingRights})` : ''

describe.skipIf(missingRights)(`mDNS between hosts${why}`, { concurrent: true, timeout: 180_000 }, () => {
  it('finds peers on other hosts, at addresses of both families, and forgets a killed one', async ({
    expect,
  }) => {
    using lan = new Lan(3)
    const [one, two, three] = lan.hosts
    await using watcher = new Peer({ watch: ['jobs'] }, one)
    await using worker = new Peer(
      { announce: [service('jobs', 'two', 5002, { endpoints: ['tcp://[::]:5002'] })] },
      two,
    )
    await using other = new Peer({ announce: [service('jobs', 'three', 5003)], watch: ['jobs'] }, three)
    const found = await watcher.up('two', each => each.endpoints.length === 2)
    expect([...found.endpoints].sort()).toEqual([`tcp://${two!.v4}:5002`, `tcp://[${two!.v6}]:5002`])
    expect((await watcher.up('three')).endpoints).toEqual([`tcp://${three!.v4}:5003`])
    await other.up('two')
    await worker.kill()
    await Promise.all([watcher.down('two'), other.down('two')])
    expect(watcher.known).toEqual(['three'])
  })

  it('works where there is only IPv6', async ({ expect }) => {
    using lan = new Lan(2, { v6: true })
    const [one, two] = lan.hosts
    await using watcher = new Peer({ watch: ['jobs'] }, one)
    await using worker = new Peer({ announce: [service('jobs', 'two', 5002)] }, two)
    await worker.ready
    expect((await watcher.up('two')).endpoints).toEqual([`tcp://[${two!.v6}]:5002`])
  })

  it('says that no interface can send, keeps trying, and works once there is one', async () => {
    using lan = new Lan(2)
    const [one, two] = lan.hosts
    lan.unplug(one!)
    one!.run('ip', 'link', 'set', 'lo', 'down')
    await using watcher = new Peer({ watch: ['jobs'] }, one)
    await using worker = new Peer({ announce: [service('jobs', 'two', 5002)] }, two)
    await Promise.all([worker.ready, watcher.error('no-interface')])
    lan.plug(one!, 'eth0', { v4: true })
    await watcher.up('two')
    lan.unplug(one!)
    await watcher.down('two')
    lan.plug(one!, 'eth0', { v4: true })
    await watcher.up('two')
  })

  it('serves every interface of a host, each with the addresses of its own', async ({ expect }) => {
    using left = new Lan(2, { v4: true })
    using right = new Lan(1, { v4: true })
    const between = left.hosts[0]!
    const far = right.hosts[0]!
    right.plug(between, 'eth1', {})
    between.run('ip', 'addr', 'add', '10.88.0.1/24', 'dev', 'eth1')
    far.run('ip', 'addr', 'flush', 'dev', 'eth0')
    far.run('ip', 'addr', 'add', '10.88.0.2/24', 'dev', 'eth0')
    await using watchLeft = new Peer({ watch: ['jobs'] }, left.hosts[1])
    await using watchRight = new Peer({ watch: ['jobs'] }, far)
    await using worker = new Peer({ announce: [service('jobs', 'between', 5001)] }, between)
    await worker.ready
    expect((await watchLeft.up('between')).endpoints).toEqual([`tcp://${between.v4}:5001`])
    expect((await watchRight.up('between')).endpoints).toEqual(['tcp://10.88.0.1:5001'])
  })

  it('holds on to its peers while three packets in ten are lost', async () => {
    using lan = new Lan(2)
    const [one, two] = lan.hosts
    for (const host of lan.hosts) host.lose(0.3)
    await using watcher = new Peer({ watch: ['jobs'] }, one)
    const services = Array.from({ length: 10 }, (_, n) => service('jobs', `worker ${n}`, 6000 + n))
    await using workers = new Peer({ announce: services }, two)
    await Promise.all(services.map(({ instance }) => watcher.up(instance)))
    await workers.kill()
    await Promise.all(services.map(({ instance }) => watcher.down(instance)))
  })

  it('tells of a port that another program holds for itself, and takes it once it is free', async () => {
    using lan = new Lan(2)
    const [one, two] = lan.hosts
    const hog = `const s = require('dgram').createSocket('udp4'); s.bind(5353, () => console.log('bound'))`
    const child = spawn(one!.prefix[0]!, [...one!.prefix.slice(1), process.execPath, '-e', hog])
    await new Promise(resolve => child.stdout.once('data', resolve))
    await using watcher = new Peer({ watch: ['jobs'], announce: [service('jobs', 'one', 5001)] }, one)
    await using worker = new Peer(
      { announce: [service('jobs', 'two', 5002, { endpoints: ['tcp://0.0.0.0:5002'] })] },
      two,
    )
    await Promise.all([worker.ready, watcher.error('port-taken')])
    child.kill()
    await watcher.up('two')
  })
})
