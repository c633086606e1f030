import { type Answer, decode, encode } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { isPlausible, MAX_MESSAGE, MAX_READS, metered } from '../../../../src/discovery/mdns/guard.ts'
import {
  chainOfPointers,
  circle,
  endlessCounts,
  lostPlace,
} from '../../../discovery/support/hostile-datagrams.ts'
import { fc } from '../../../support/property.ts'

const services = (count: number) =>
  Array.from({ length: count }, (_, n): Answer[] => [
    { name: '_typedmq._tcp.local', type: 'PTR', data: `jobs ${n}._typedmq._tcp.local` },
    { name: `jobs ${n}._typedmq._tcp.local`, type: 'SRV', data: { port: 5555, target: `host-${n}.local` } },
    { name: `host-${n}.local`, type: 'A', data: '10.0.0.7' },
  ]).flat()

/** The reads that dns-packet makes of a datagram behind the meter. */
function readsOf(bytes: Buffer): number {
  let reads = 0
  for (const name of ['readUInt8', 'readUInt16BE', 'readUInt32BE', 'slice', 'toString']) {
    const read: (...args: unknown[]) => unknown = Reflect.get(bytes, name)
    Object.defineProperty(bytes, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        reads++
        return read.apply(bytes, args)
      },
    })
  }
  try {
    decode(metered(bytes))
  } catch {
    // What matters is how far it came.
  }
  return reads
}

describe('the guard before dns-packet', () => {
  it('lets the longest honest message through', () => {
    const bytes = encode({ type: 'response', answers: services(58) })
    expect(bytes.length).toBeGreaterThan(MAX_MESSAGE * 0.9)
    expect(isPlausible(bytes)).toBe(true)
    expect(decode(metered(bytes)).answers).toHaveLength(58 * 3)
  })

  it('refuses what is too short, too long, or promises more entries than it can hold', () => {
    expect(isPlausible(Buffer.alloc(11))).toBe(false)
    expect(isPlausible(Buffer.alloc(12))).toBe(true)
    expect(isPlausible(Buffer.alloc(MAX_MESSAGE))).toBe(true)
    expect(isPlausible(Buffer.alloc(MAX_MESSAGE + 1))).toBe(false)
    expect(isPlausible(endlessCounts())).toBe(false)
    const questions = (count: number) => {
      const bytes = Buffer.alloc(12 + 10)
      bytes.writeUInt16BE(count, 4)
      return bytes
    }
    expect(isPlausible(questions(2))).toBe(true)
    expect(isPlausible(questions(3))).toBe(false)
  })

  it.each([
    ['a chain of pointers under every name', chainOfPointers],
    ['a record that sends the reader back to the start', lostPlace],
  ])('ends the reading of %s', (_, datagram) => {
    expect(isPlausible(datagram())).toBe(true)
    expect(() => decode(metered(datagram()))).toThrow('takes too long')
    expect(readsOf(datagram())).toBeLessThanOrEqual(MAX_READS)
  })

  it('bounds the reads of any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 12, maxLength: 400 }),
      // An honest message with bytes bent.
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 8 }).map(bends => {
        const bent = encode({ type: 'response', answers: services(10) })
        for (const [at, byte] of bends) bent[at % bent.length] = byte
        return bent
      }),
    )
    fc.assert(fc.property(bytes, each => readsOf(Buffer.from(each)) <= MAX_READS))
    expect(readsOf(circle())).toBeLessThanOrEqual(MAX_READS)
  })
})
