import { type Answer, decode, encode, type Packet } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { isWritable, messageOf, packetOf, sizeOf } from '../../../../src/discovery/mdns/packet.ts'
import { fc } from '../../../support/property.ts'

const HOST = 'worker.local'
const read = (packet: Packet) => messageOf(decode(encode(packet)))

describe('DNS messages', () => {
  it('have their news in answers, authorities and additionals alike', () => {
    const at = (data: string): Answer => ({ name: HOST, type: 'A', ttl: 9, data })
    const { records, response } = read({
      type: 'response',
      answers: [at('10.0.0.1')],
      authorities: [at('10.0.0.2')],
      additionals: [at('10.0.0.3')],
    })
    expect(response).toBe(true)
    expect(records.map(({ data }) => data)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  })

  it('skip records and questions of other types and classes', () => {
    const { questions, records } = read({
      questions: [
        { name: HOST, type: 'HINFO' },
        { name: HOST, type: 'A' },
      ],
      answers: [
        { name: HOST, type: 'HINFO', data: { cpu: 'x', os: 'y' } },
        { name: HOST, type: 'A', class: 'CH', data: '10.0.0.8' },
        { name: HOST, type: 'A', ttl: 9, flush: true, data: '10.0.0.7' },
        {
          name: '.',
          type: 'OPT',
          udpPayloadSize: 1440,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    })
    expect(questions).toMatchObject([{ name: HOST, type: 'A' }])
    expect(records).toMatchObject([{ name: HOST, type: 'A', ttl: 9, flush: true, data: '10.0.0.7' }])
    expect(records).toHaveLength(1)
  })

  it('are as long as they say', () => {
    const message = {
      response: false,
      questions: [{ name: HOST, type: 'ANY' as const }],
      records: [{ name: HOST, type: 'TXT' as const, ttl: 1, data: [Buffer.from('a=b')] }],
    }
    expect(encode(packetOf(message))).toHaveLength(sizeOf(message))
  })

  it('have only names that come back as they were sent', () => {
    const label = fc.string({
      unit: fc.constantFrom('a', '.', '\n', '\u2028', 'ü', '\ufffd', ' ', '-'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), labels => {
        const name = labels.join('.')
        fc.pre(name !== '' && isWritable(name))
        expect(decode(encode({ questions: [{ name, type: 'PTR' }] })).questions).toMatchObject([{ name }])
      }),
      { numRuns: 1_000 },
    )
    for (const name of ['a..b', '.a', 'a.', '.', 'a\n.b', 'a.\u2028b', 'a\ufffd.b']) {
      expect(isWritable(name)).toBe(false)
    }
  })
})
