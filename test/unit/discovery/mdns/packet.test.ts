import dnsPacket, { type Packet } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DnsMessage,
  type DnsRecord,
  escapeLabel,
  labelsOf,
} from '../../../../src/discovery/mdns/packet.ts'
import { readMessage } from '../../../../src/discovery/mdns/packet-reader.ts'
import { writeMessage } from '../../../../src/discovery/mdns/packet-writer.ts'

const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.map(escapeLabel).join('.'))
const head = { name, ttl: fc.nat({ max: 2 ** 31 }), flush: fc.boolean() }
const uint16 = fc.nat({ max: 65535 })
const canonical = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1)

const record: fc.Arbitrary<DnsRecord> = fc
  .oneof(
    fc.record({ ...head, type: fc.constant('A' as const), data: fc.ipV4() }),
    fc.record({ ...head, type: fc.constant('AAAA' as const), data: fc.ipV6().map(canonical) }),
    fc.record({ ...head, type: fc.constant('PTR' as const), data: name }),
    fc.record({
      ...head,
      type: fc.constant('SRV' as const),
      data: fc.record({ priority: uint16, weight: uint16, port: uint16, target: name }),
    }),
    fc.record({
      ...head,
      type: fc.constant('TXT' as const),
      data: fc.array(fc.uint8Array({ minLength: 1, maxLength: 255 }), { maxLength: 4 }),
    }),
  )
  .map(({ flush, ...rest }) => (flush ? { ...rest, flush } : rest) as DnsRecord)

const message: fc.Arbitrary<DnsMessage> = fc.record({
  response: fc.boolean(),
  questions: fc.array(fc.record({ name, type: fc.constantFrom('A', 'AAAA', 'PTR', 'SRV', 'TXT', 'ANY') }), {
    maxLength: 3,
  }),
  records: fc.array(record, { maxLength: 5 }),
})

/** Views as plain bytes, for comparison. */
const plain = (value: DnsMessage): DnsMessage => ({
  ...value,
  records: value.records.map(each =>
    each.type === 'TXT' ? { ...each, data: each.data.map(item => Uint8Array.from(item)) } : each,
  ),
})

const encodeElsewhere = (packet: object) => dnsPacket.encode({ type: 'response', ...packet } as Packet)

const HOST = 'worker.local'
const SAMPLE: DnsMessage = {
  response: true,
  questions: [],
  records: [
    { name: '_typedmq._tcp.local', type: 'PTR', ttl: 25, data: 'jobs 1._typedmq._tcp.local' },
    {
      name: 'jobs 1._typedmq._tcp.local',
      type: 'SRV',
      ttl: 25,
      flush: true,
      data: { priority: 1, weight: 2, port: 5555, target: HOST },
    },
    {
      name: 'jobs 1._typedmq._tcp.local',
      type: 'TXT',
      ttl: 25,
      flush: true,
      data: [Buffer.from('name=jobs')],
    },
    { name: HOST, type: 'A', ttl: 25, flush: true, data: '10.0.0.7' },
    { name: HOST, type: 'AAAA', ttl: 25, flush: true, data: 'fd00::7' },
  ],
}

describe('DNS messages', () => {
  it('read as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(message, each => {
        expect(plain(readMessage(writeMessage(each)))).toEqual(plain(each))
      }),
    )
  })

  it('mean the same to dns-packet', () => {
    const decoded = dnsPacket.decode(writeMessage(SAMPLE))
    expect(decoded.type).toBe('response')
    expect(decoded.flag_aa).toBe(true)
    expect(decoded.answers).toMatchObject(SAMPLE.records)
  })

  it('of dns-packet mean the same to us', () => {
    const read = readMessage(
      encodeElsewhere({ answers: SAMPLE.records.slice(0, 3), additionals: SAMPLE.records.slice(3) }),
    )
    expect(plain(read)).toEqual(plain(SAMPLE))
  })

  it('skip records of other types and classes', () => {
    const packet: Packet = {
      type: 'response',
      answers: [
        { type: 'HINFO', name: HOST, data: { cpu: 'x', os: 'y' } },
        { type: 'A', name: HOST, class: 'CH', data: '10.0.0.8' },
        { type: 'A', name: HOST, ttl: 9, data: '10.0.0.7' },
      ],
    }
    expect(readMessage(dnsPacket.encode(packet)).records).toEqual([
      { name: HOST, type: 'A', ttl: 9, data: '10.0.0.7' },
    ])
  })

  it('write each name once', () => {
    const bytes = writeMessage(SAMPLE)
    expect(bytes.length).toBeLessThan(encodeElsewhere({ answers: SAMPLE.records }).length)
    expect(bytes.toString('latin1').split('_typedmq')).toHaveLength(2)
  })

  it('cut anywhere throw a RangeError', () => {
    const bytes = writeMessage(SAMPLE)
    for (let end = 0; end < bytes.length; end++) {
      expect(() => readMessage(bytes.subarray(0, end))).toThrow(RangeError)
    }
  })

  it('of random bytes throw a RangeError or mean something', () => {
    const survives = (bytes: Uint8Array) => {
      try {
        readMessage(Buffer.from(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ minLength: 12, maxLength: 400 }), survives))
    const sample = writeMessage(SAMPLE)
    fc.assert(
      fc.property(fc.nat({ max: sample.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        const bytes = Buffer.from(sample)
        bytes[at] = byte
        survives(bytes)
      }),
    )
  })

  it('with a chain of pointers under every name are refused early', () => {
    const bytes = Buffer.alloc(9000)
    bytes.writeUInt16BE(0x8000, 2)
    bytes.writeUInt16BE(400, 6)
    // One record of an unknown type holds the chain, then records whose names are its end.
    let at = 13
    for (const value of [65280, 1, 0, 0, 4001]) at = bytes.writeUInt16BE(value, at)
    let last = at++
    for (let link = 0; link < 2000; link++, at += 2) {
      bytes.writeUInt16BE(0xc000 | last, at)
      last = at
    }
    for (; at + 12 <= bytes.length; at += 12) bytes.writeUInt16BE(0xc000 | last, at)
    expect(() => readMessage(bytes)).toThrow('too many parts')
  })

  it('refuse what does not fit', () => {
    const of = (records: DnsRecord[]) => () => writeMessage({ response: true, questions: [], records })
    expect(of([{ name: 'x'.repeat(64), type: 'PTR', ttl: 1, data: 'y' }])).toThrow('a label of 64 bytes')
    const text = Array.from({ length: 40 }, () => Buffer.alloc(255))
    expect(of([{ name: 'x', type: 'TXT', ttl: 1, data: text }])).toThrow(RangeError)
    expect(of([{ name: 'x', type: 'TXT', ttl: 1, data: [Buffer.alloc(256)] }])).toThrow(RangeError)
  })

  it('keep dots inside a label apart from dots between labels', () => {
    expect(labelsOf('my\\.jobs 1\\\\2._typedmq._tcp.local')).toEqual([
      'my.jobs 1\\2',
      '_typedmq',
      '_tcp',
      'local',
    ])
  })
})
