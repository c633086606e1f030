import type { RemoteInfo } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChangeFeed } from '../../../../src/discovery/change-feed.ts'
import { SERVICE_TYPE } from '../../../../src/discovery/mdns/announced.ts'
import { Browser } from '../../../../src/discovery/mdns/browser.ts'
import { MAX_INSTANCES } from '../../../../src/discovery/mdns/instance-table.ts'
import { type DnsMessage, type DnsRecord, sizeOf } from '../../../../src/discovery/mdns/packet.ts'
import { FakeLink, response } from './fake-link.ts'

const from = (address = '10.0.0.8') => ({ address, family: 'IPv4', port: 5353, size: 0 }) as RemoteInfo

interface Spoken {
  readonly ttl?: number
  readonly name?: string
  readonly id?: string
  readonly port?: number
  readonly addresses?: readonly string[]
}

/** All that a peer says of an instance. */
function records(
  label: string,
  { ttl = 25, name = 'jobs', id = label, port = 5555, addresses = ['10.0.0.8'] }: Spoken = {},
): DnsRecord[] {
  const [fullName, target] = [`${label}.${SERVICE_TYPE}`, `${label}-host.local`]
  return [
    { name: SERVICE_TYPE, type: 'PTR', ttl, data: fullName },
    { name: fullName, type: 'SRV', ttl, data: { priority: 0, weight: 0, port, target } },
    { name: fullName, type: 'TXT', ttl, data: [Buffer.from(`name=${name}`), Buffer.from(`id=${id}`)] },
    ...addresses.map(
      (data): DnsRecord => ({ name: target, type: data.includes(':') ? 'AAAA' : 'A', ttl, data }),
    ),
  ]
}

describe('the browser', () => {
  let link: FakeLink
  let browser: Browser
  let feed: ChangeFeed
  let told: string[]

  beforeEach(() => {
    vi.useFakeTimers()
    link = new FakeLink()
    browser = new Browser(link.multicast)
    feed = new ChangeFeed(undefined, () => browser.unwatch(feed))
    told = []
    browser.watch(feed, 'jobs')
    void (async () => {
      for await (const { kind, service } of feed)
        told.push(`${kind} ${service.instance} ${service.endpoints.join(' ')}`)
    })()
  })

  afterEach(() => {
    browser.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  /** Lets the feed's reader catch up. */
  const settle = () => vi.advanceTimersByTimeAsync(0)
  const hear = async (all: readonly DnsRecord[], address?: string) => {
    browser.received(response(all), from(address))
    await settle()
  }

  it('asks at once, then ever more slowly, up to once a minute', async () => {
    const asked = []
    for (let second = 0; second < 200; second++) {
      const count = link
        .take()
        .filter(({ questions }) => questions.some(question => question.name === SERVICE_TYPE)).length
      if (count > 0) asked.push(second)
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
  })

  it('tells of a peer once, however often it is heard of', async () => {
    for (let n = 0; n < 3; n++) await hear(records('a'))
    expect(told).toEqual(['up a tcp://10.0.0.8:5555'])
  })

  it('puts a peer together from several datagrams in any order, asking for what is missing', async () => {
    const [pointer, location, text, address] = records('a')
    await hear([text!, pointer!])
    await vi.advanceTimersByTimeAsync(250)
    expect(link.take().flatMap(({ questions }) => questions)).toContainEqual(
      expect.objectContaining({ name: `a.${SERVICE_TYPE}`, type: 'ANY' }),
    )
    await hear([text!, location!])
    expect(told).toEqual([])
    await hear([address!])
    expect(told).toEqual(['up a tcp://10.0.0.8:5555'])
  })

  it('forgets who is silent for as long as it said', async () => {
    await hear(records('a', { ttl: 20 }))
    await vi.advanceTimersByTimeAsync(19_750)
    expect(told).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(250)
    expect(told[1]).toBe('down a tcp://10.0.0.8:5555')
  })

  it('asks again before it forgets', async () => {
    await hear(records('a', { ttl: 120 }))
    // All the questions of the starting series but those of once a minute are behind us.
    await vi.advanceTimersByTimeAsync(95_000)
    link.take()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(link.take()).toHaveLength(1)
    await hear(records('a', { ttl: 120 }))
    await vi.advanceTimersByTimeAsync(100_000)
    expect(told).toHaveLength(1)
  })

  it('believes nobody for longer than two minutes', async () => {
    await hear(records('a', { ttl: 75 * 60 }))
    await vi.advanceTimersByTimeAsync(120_000)
    expect(told).toHaveLength(2)
  })

  it('says in a question whom it knows well', async () => {
    await hear(records('a', { ttl: 100 }))
    link.take()
    browser.askAgain()
    expect(link.take()[0]!.records).toMatchObject([
      { name: SERVICE_TYPE, type: 'PTR', ttl: 100, data: `a.${SERVICE_TYPE}` },
    ])
    await vi.advanceTimersByTimeAsync(51_000)
    link.take()
    browser.askAgain()
    expect(link.take()[0]!.records).toEqual([])
  })

  it('takes a goodbye at its word after a second, unless it is contradicted', async () => {
    await hear(records('a'))
    await hear(records('a', { ttl: 0 }))
    await vi.advanceTimersByTimeAsync(500)
    await hear(records('a'))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(told).toHaveLength(1)
    await hear(records('a', { ttl: 0 }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told[1]).toMatch(/^down a/)
  })

  it('repeats in one Ethernet frame as many as fit, and no name that could break the frame', async () => {
    for (let n = 0; n < 100; n++) await hear(records(`${'x'.repeat(60)}${n}`, { ttl: 100 }))
    for (const label of ['a\n.b', 'a..b', '\ufffd'.repeat(30)]) await hear(records(label))
    link.take()
    browser.askAgain()
    const [{ questions, records: known }] = link.take() as [DnsMessage]
    expect(questions).toHaveLength(1)
    expect(known.length).toBeGreaterThan(5)
    expect(sizeOf({ response: false, questions, records: known })).toBeLessThanOrEqual(1_400)
    expect(told).toHaveLength(100)
  })

  it('tells anew when something changes, and only then', async () => {
    await hear(records('a'))
    await hear(records('a', { addresses: ['10.0.0.9', '10.0.0.8'] }))
    await hear(records('a', { port: 5556 }))
    expect(told).toEqual([
      'up a tcp://10.0.0.8:5555',
      'up a tcp://10.0.0.8:5555 tcp://10.0.0.9:5555',
      'up a tcp://10.0.0.8:5556 tcp://10.0.0.9:5556',
    ])
    await hear(records('a', { port: 5556, name: 'other' }))
    expect(told.at(-1)).toMatch(/^down a/)
  })

  it('prefers the address that it hears from, then those on a link, then IPv4', async () => {
    await hear(records('a', { addresses: ['fd00::8', '192.168.9.9', '10.0.0.4', '10.0.0.8'] }))
    expect(told[0]).toBe(
      'up a tcp://10.0.0.8:5555 tcp://10.0.0.4:5555 tcp://192.168.9.9:5555 tcp://[fd00::8]:5555',
    )
  })

  it('makes one service of the ports of one socket', async () => {
    await hear(records('a'))
    await hear(records('a2', { id: 'a', port: 6666 }))
    expect(told.at(-1)).toBe('up a tcp://10.0.0.8:5555 tcp://10.0.0.8:6666')
    await hear([...records('a', { ttl: 0 }), ...records('a2', { id: 'a', ttl: 0 })])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told.slice(2)).toEqual(['down a tcp://10.0.0.8:5555 tcp://10.0.0.8:6666'])
  })

  it('believes of one socket at most 64 endpoints', async () => {
    for (let n = 0; n < 200; n++) await hear(records(`a${n}`, { id: 'a', port: 1 + n }))
    expect(told.at(-1)!.split(' ')).toHaveLength(2 + 64)
    await hear([...records('a3', { id: 'a', ttl: 0 })])
    await vi.advanceTimersByTimeAsync(1_000)
    await hear(records('a199', { id: 'a', port: 200 }))
    expect(told.at(-1)).toContain(':200')
  })

  it('takes no address that cannot be the peer’s', async () => {
    await hear(
      records('a', { addresses: ['127.0.0.1', '::1', '0.0.0.0', '224.0.0.251', 'fe80::1', '::', 'ff02::1'] }),
    )
    expect(told).toEqual([])
    await hear(records('a', { addresses: ['10.0.0.8'] }))
    expect(told).toEqual(['up a tcp://10.0.0.8:5555'])
  })

  it('takes a loopback address from loopback, and a link-local one with its link', async () => {
    await hear(records('a', { addresses: ['127.0.0.1'] }), '127.0.0.1')
    await hear(records('b', { addresses: ['fe80::8'] }), 'fe80::8%eth0')
    expect(told).toEqual(['up a tcp://127.0.0.1:5555', 'up b tcp://[fe80::8%eth0]:5555'])
  })

  it('takes a host name of the ordinary DNS as it is, and one of .local only with addresses', async () => {
    const at = (label: string, target: string) =>
      records(label, { addresses: [] }).map(record =>
        record.type === 'SRV' ? { ...record, data: { ...record.data, target } } : record,
      )
    await hear(at('a', 'worker.example'))
    await hear(at('b', 'worker.local'))
    await hear(at('c', 'not a host'))
    expect(told).toEqual(['up a tcp://worker.example:5555'])
  })

  it('ignores port 0, impossible values, other services and other names', async () => {
    await hear(records('a', { port: 0 }))
    await hear(
      records('b').map(record =>
        record.type === 'TXT'
          ? { ...record, data: [Buffer.from('name=jobs'), Buffer.from('type=PUNCH')] }
          : record,
      ),
    )
    await hear(records('c', { name: 'other' }))
    await hear([{ name: '_http._tcp.local', type: 'PTR', ttl: 25, data: 'd._http._tcp.local' }])
    await hear([{ name: SERVICE_TYPE, type: 'PTR', ttl: 25, data: 'nonsense' }])
    expect(told).toEqual([])
  })

  it('uses the visible name where the TXT record has none', async () => {
    await hear(records('jobs').map(record => (record.type === 'TXT' ? { ...record, data: [] } : record)))
    expect(told).toEqual([`up jobs.${SERVICE_TYPE} tcp://10.0.0.8:5555`])
  })

  it('still finds honest peers in a flood of 10,000 fakes, within bounds', async () => {
    await hear(records('early'), '10.0.0.8')
    for (let n = 0; n < 10_000; n++) browser.received(response(records(`fake-${n}`)), from('10.0.0.66'))
    await hear(records('late'), '10.0.0.9')
    const up = new Set<string>()
    for (const line of told)
      line.startsWith('up') ? up.add(line.split(' ')[1]!) : up.delete(line.split(' ')[1]!)
    expect(up.has('early')).toBe(true)
    expect(up.has('late')).toBe(true)
    expect(up.size).toBeLessThanOrEqual(MAX_INSTANCES)
  })

  it('forgets everything when nobody watches', async () => {
    await hear(records('a'))
    feed.end()
    expect(vi.getTimerCount()).toBe(0)
    const again = new ChangeFeed(undefined, () => browser.unwatch(again))
    browser.watch(again, 'jobs')
    let told = false
    void again.next().then(({ done }) => {
      told = !done
    })
    await settle()
    expect(told).toBe(false)
    again.end()
  })

  it('believes two addresses beyond the link and the announcer, and 64 endpoints of a socket', async () => {
    const elsewhere = Array.from({ length: 10 }, (_, n) => `198.51.100.${n}`)
    browser.received(response(records('liar', { addresses: [...elsewhere, '10.0.0.8'] })), from())
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['up liar tcp://10.0.0.8:5555 tcp://198.51.100.0:5555 tcp://198.51.100.1:5555'])
    for (let n = 0; n < 60; n++) {
      browser.received(
        response(records(`port ${n}`, { id: 'one', addresses: ['10.0.0.8', '10.0.0.9'], port: n + 1 })),
        from(),
      )
    }
    await vi.advanceTimersByTimeAsync(0)
    expect(told.at(-1)!.match(/tcp:/g)).toHaveLength(64)
  })

  it('keeps the instances of an honest host when another claims to be the same socket', async () => {
    for (let n = 0; n < 100; n++) {
      browser.received(response(records(`lie ${n}`, { id: 'worker', port: n + 1 })), from('10.0.0.66'))
    }
    browser.received(response(records('worker', { addresses: ['10.0.0.9'] })), from('10.0.0.9'))
    await vi.advanceTimersByTimeAsync(0)
    expect(told.at(-1)).toContain('tcp://10.0.0.9:5555')
  })
})
