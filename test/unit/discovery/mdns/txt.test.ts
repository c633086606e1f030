import { describe, expect, it } from 'vitest'
import type { Service } from '../../../../src/discovery/discovery.ts'
import { decodeTxt, encodeTxt } from '../../../../src/discovery/mdns/txt.ts'
import { fc } from '../../../support/property.ts'

const SERVICE: Omit<Service, 'endpoints'> = {
  name: 'jobs',
  instance: '9c0e9a2e-6f0b-4f7e-8f0a-1c2d3e4f5a6b',
  socketType: 'PULL',
  protocol: '3.1',
  mechanism: 'CURVE',
  publicKey: 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
  codec: 'msgpack',
  contract: '0123456789abcdef',
  meta: { zone: 'eu=1', empty: '', line: 'a\nb' },
}

describe('the TXT record', () => {
  it('brings back all that a service says', () => {
    expect(decodeTxt(encodeTxt(SERVICE))).toEqual({ ...SERVICE, meta: { ...SERVICE.meta } })
  })

  it('leaves unsaid what is undefined', () => {
    const strings = encodeTxt({ name: 'jobs', instance: 'a' }).map(String)
    expect(strings).toEqual(['txtvers=1', 'name=jobs', 'id=a'])
  })

  it('refuses an item over 255 bytes, and quotes it', () => {
    const meta = { note: 'x'.repeat(300) }
    expect(() => encodeTxt({ ...SERVICE, meta })).toThrow(
      /"meta\.note=x+\.\.\." has 310 bytes; .* at most 255/,
    )
  })

  it('refuses more than 1,300 bytes in all', () => {
    const meta = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 'x'.repeat(200)]))
    expect(() => encodeTxt({ ...SERVICE, meta })).toThrow('at most 1300 fit')
  })

  it.each(['a=b', '', 'ä', 'a\n'])('refuses the meta key %j', key => {
    expect(() => encodeTxt({ ...SERVICE, meta: { [key]: 'x' } })).toThrow('printable ASCII')
  })

  it('takes the first of two equal keys, in any case, and nothing without a key', () => {
    const strings = ['Type=PUSH', 'type=PULL', '=x', 'flag', 'meta.a=1', 'meta.a=2'].map(text =>
      Buffer.from(text),
    )
    expect(decodeTxt(strings)).toMatchObject({ socketType: 'PUSH', meta: { a: '1' } })
  })

  it.each(['type=PUNCH', 'security=ROT13', 'key=AAAA'])('refuses the impossible value %s', text => {
    expect(decodeTxt([Buffer.from(text)])).toBeUndefined()
  })

  it('survives any bytes', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), strings => void decodeTxt(strings)))
  })

  it('does not fall for names that every object has', () => {
    const fields = decodeTxt([Buffer.from('meta.__proto__=x'), Buffer.from('constructor=y')])
    expect(Object.keys(fields!.meta!)).toEqual(['__proto__'])
  })
})
