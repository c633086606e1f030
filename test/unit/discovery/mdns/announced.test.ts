import { describe, expect, it } from 'vitest'
import { Announced, labelOf, SERVICE_TYPE } from '../../../../src/discovery/mdns/announced.ts'
import type { Link } from '../../../../src/discovery/mdns/network.ts'

const link = (name: string, addresses: string[], loopback = false): Link => ({
  name,
  family: 'IPv4',
  selector: addresses[0]!,
  addresses,
  loopback,
})
const LO = link('lo', ['127.0.0.1', '::1'], true)
const ETH0 = link('eth0', ['10.0.0.7', 'fd00::7'])
const ETH1 = link('eth1', ['10.1.0.7'])
const ALL = [LO, ETH0, ETH1]

/** The addresses announced on each link; undefined: nothing is. */
function addressesOf(endpoint: string, links: Link[] = ALL) {
  const announced = new Announced({ name: 'jobs', instance: 'i', endpoints: [] }, endpoint)
  return Object.fromEntries(
    links.map(each => {
      const records = announced.records(each, links, 25)
      const found = records
        .filter(record => record.type === 'A' || record.type === 'AAAA')
        .map(record => record.data)
      return [each.name, records.length > 0 ? found : undefined]
    }),
  )
}

describe('an announced endpoint', () => {
  it('bound to every interface shows on each link the addresses of that link', () => {
    expect(addressesOf('tcp://0.0.0.0:5555')).toEqual({
      lo: undefined,
      eth0: ['10.0.0.7'],
      eth1: ['10.1.0.7'],
    })
    expect(addressesOf('tcp://[::]:5555')).toMatchObject({
      eth0: ['10.0.0.7', 'fd00::7'],
      eth1: ['10.1.0.7'],
    })
  })

  it('bound to one interface shows on that link only', () => {
    expect(addressesOf('tcp://10.1.0.7:5555')).toEqual({ lo: undefined, eth0: undefined, eth1: ['10.1.0.7'] })
  })

  it('bound to loopback shows on loopback only', () => {
    expect(addressesOf('tcp://127.0.0.1:5555')).toEqual({
      lo: ['127.0.0.1'],
      eth0: undefined,
      eth1: undefined,
    })
  })

  it('shows on loopback where there is no other link', () => {
    expect(addressesOf('tcp://0.0.0.0:5555', [LO])).toEqual({ lo: ['127.0.0.1'] })
  })

  it('under an address that is not of this host shows it everywhere', () => {
    expect(addressesOf('tcp://203.0.113.9:80')).toMatchObject({
      eth0: ['203.0.113.9'],
      eth1: ['203.0.113.9'],
    })
  })

  it('under a host name points to it, without addresses', () => {
    const announced = new Announced({ name: 'jobs', instance: 'i', endpoints: [] }, 'tcp://Worker.example:80')
    const records = announced.records(ETH0, ALL, 25)
    expect(records.map(record => record.type)).toEqual(['PTR', 'SRV', 'TXT'])
    expect(records[1]).toMatchObject({ data: { port: 80, target: 'worker.example' } })
  })

  it('has a label of at most 63 bytes that begins with its name, and is unique by socket and port', () => {
    const of = (name: string, instance: string, port: number) =>
      labelOf(new Announced({ name, instance, endpoints: [] }, `tcp://0.0.0.0:${port}`).fullName)
    const long = of('ü'.repeat(31), 'i', 65535)
    expect(Buffer.byteLength(long!)).toBeLessThanOrEqual(63)
    expect(long).toMatch(/^ü{20,} [0-9a-f]{12}-65535$/)
    expect(new Set([of('a', 'i', 1), of('a', 'j', 1), of('a', 'i', 2)]).size).toBe(3)
  })

  it('shows dots in its name as dashes, and has the name itself in its TXT record', () => {
    const announced = new Announced({ name: '.a.b', instance: 'i', endpoints: [] }, 'tcp://0.0.0.0:1')
    expect(labelOf(announced.fullName)).toMatch(/^-a-b [0-9a-f]{12}-1$/)
    const text = announced.records(ETH0, ALL, 25).find(record => record.type === 'TXT')
    expect(text?.data.map(String)).toContain('name=.a.b')
  })

  it('is of our type whatever the case, and has a name that can be asked for', () => {
    expect(labelOf(`my.jobs.${SERVICE_TYPE.toUpperCase()}`)).toBe('my.jobs')
    for (const name of [
      SERVICE_TYPE,
      `.${SERVICE_TYPE}`,
      'a._http._tcp.local',
      `a..${SERVICE_TYPE}`,
      `\ufffd.${SERVICE_TYPE}`,
    ]) {
      expect(labelOf(name)).toBeUndefined()
    }
  })

  it('says goodbye with a time to live of zero', () => {
    const announced = new Announced({ name: 'jobs', instance: 'i', endpoints: [] }, 'tcp://0.0.0.0:5555')
    expect(announced.records(ETH0, ALL, 0).every(record => record.ttl === 0)).toBe(true)
  })
})
