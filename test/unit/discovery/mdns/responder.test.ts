import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Announced, SERVICE_TYPE, TYPE_ENUMERATION } from '../../../../src/discovery/mdns/announced.ts'
import type { DnsRecord, Question } from '../../../../src/discovery/mdns/packet.ts'
import { Responder } from '../../../../src/discovery/mdns/responder.ts'
import { FakeLink, response } from './fake-link.ts'

const PERIOD = 10_000
const TTL = 25

const announced = (name: string, instance = name) =>
  new Announced({ name, instance, endpoints: [] }, 'tcp://0.0.0.0:5555')

describe('the responder', () => {
  let link: FakeLink
  let responder: Responder

  beforeEach(() => {
    vi.useFakeTimers()
    link = new FakeLink()
    responder = new Responder(link.multicast, PERIOD)
  })

  afterEach(async () => {
    await responder.close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  const ask = (questions: readonly Question[], records: readonly DnsRecord[] = []) =>
    responder.received({ response: false, questions, records })
  /** The names announced since the last call. */
  const said = () => link.takePointers().map(line => line.replace(/ [0-9a-f]{12}-\d+ /, ' '))

  it('announces at once, again after a second, then each period', async () => {
    await responder.add(announced('a'))
    expect(said()).toEqual([`a ${TTL}`])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(said()).toEqual([`a ${TTL}`])
    for (let period = 0; period < 5; period++) {
      await vi.advanceTimersByTimeAsync(PERIOD)
      expect(said().length).toBeGreaterThanOrEqual(1)
    }
  })

  it('says all that DNS-SD needs in one datagram', async () => {
    await responder.add(announced('a'))
    const [message] = link.take()
    expect(message!.records.map(record => record.type)).toEqual(['PTR', 'SRV', 'TXT', 'A'])
  })

  it('says goodbye to the one that is withdrawn, and its siblings live on', async () => {
    const [a, b] = [announced('a'), announced('b')]
    await responder.add(a)
    await responder.add(b)
    said()
    await responder.remove(a)
    expect(said()).toEqual(['a 0'])
    await responder.remove(a)
    expect(said()).toEqual([])
    ask([{ name: SERVICE_TYPE, type: 'PTR' }])
    await vi.advanceTimersByTimeAsync(200)
    expect(said()).toEqual([`b ${TTL}`])
  })

  it('says goodbye to all at the end', async () => {
    await responder.add(announced('a'))
    await responder.add(announced('b'))
    said()
    await responder.close()
    expect(said()).toEqual(['a 0', 'b 0'])
  })

  it('answers within 120 ms, and many questions with one answer', async () => {
    await responder.add(announced('a'))
    said()
    for (let n = 0; n < 1_000; n++) ask([{ name: SERVICE_TYPE.toUpperCase(), type: 'PTR' }])
    await vi.advanceTimersByTimeAsync(19)
    expect(said()).toEqual([])
    await vi.advanceTimersByTimeAsync(101)
    expect(said()).toEqual([`a ${TTL}`])
    ask([{ name: SERVICE_TYPE, type: 'ANY' }])
    await vi.advanceTimersByTimeAsync(200)
    expect(said()).toEqual([`a ${TTL}`])
  })

  it('does not answer with what the asker knows well', async () => {
    const [a, b] = [announced('a'), announced('b')]
    await responder.add(a)
    await responder.add(b)
    said()
    const known = (ttl: number): DnsRecord[] => [{ name: SERVICE_TYPE, type: 'PTR', ttl, data: a.fullName }]
    ask([{ name: SERVICE_TYPE, type: 'PTR' }], known(20))
    await vi.advanceTimersByTimeAsync(200)
    expect(said()).toEqual([`b ${TTL}`])
    ask([{ name: SERVICE_TYPE, type: 'PTR' }], known(12))
    await vi.advanceTimersByTimeAsync(200)
    expect(said()).toEqual([`a ${TTL}`, `b ${TTL}`])
  })

  it('answers questions for an instance, for its host, and for the types there are', async () => {
    const a = announced('a')
    await responder.add(a)
    await vi.advanceTimersByTimeAsync(1_500)
    said()
    for (const name of [a.fullName, a.hostName]) {
      ask([{ name, type: 'ANY' }])
      await vi.advanceTimersByTimeAsync(320)
      expect(said()).toEqual([`a ${TTL}`])
    }
    ask([{ name: TYPE_ENUMERATION, type: 'PTR' }])
    await vi.advanceTimersByTimeAsync(320)
    expect(link.take()[0]!.records).toMatchObject([{ name: TYPE_ENUMERATION, data: SERVICE_TYPE }])
    ask([{ name: '_http._tcp.local', type: 'PTR' }])
    await vi.advanceTimersByTimeAsync(320)
    expect(link.take()).toEqual([])
  })

  it('contradicts a goodbye that somebody else said for it', async () => {
    const a = announced('a')
    await responder.add(a)
    await vi.advanceTimersByTimeAsync(1_500)
    said()
    responder.received(response([{ name: SERVICE_TYPE, type: 'PTR', ttl: 0, data: a.fullName }]))
    await vi.advanceTimersByTimeAsync(320)
    expect(said()).toEqual([`a ${TTL}`])
  })

  it('packs many services into datagrams of an Ethernet frame', async () => {
    for (let n = 0; n < 100; n++) await responder.add(announced(`service ${n}`))
    link.take()
    responder.announceAll()
    const messages = link.take()
    expect(messages.flatMap(({ records }) => records.filter(record => record.type === 'PTR'))).toHaveLength(
      100,
    )
    expect(messages.length).toBeGreaterThan(5)
    expect(messages.length).toBeLessThan(40)
  })
})
