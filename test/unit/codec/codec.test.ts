import { describe, expect, it } from 'vitest'
import { checked } from '../../../src/codec/checked.ts'
import type { Codec } from '../../../src/codec/codec.ts'
import { copying } from '../../../src/codec/copying.ts'
import { json } from '../../../src/codec/json.ts'
import { msgpack } from '../../../src/codec/msgpack.ts'
import { raw } from '../../../src/codec/raw.ts'
import { text } from '../../../src/codec/text.ts'
import { InvalidMessageError } from '../../../src/errors.ts'

const twoParts = [Buffer.from('1'), Buffer.from('2')]

describe('msgpack', () => {
  it.each([
    ['an object', { id: 1, name: 'é', tags: ['a', null], deep: { yes: true } }],
    ['a number over 32 bits', 1_700_000_000_000],
    ['a fraction', -0.1],
    ['a 64-bit integer', 2n ** 63n],
    ['a small bigint', 5n],
    ['a date', new Date(1)],
    ['undefined', undefined],
    ['a field of undefined', { a: undefined }],
    ['null', null],
    ['an empty string', ''],
    ['numbers of one byte', Int8Array.of(-1, 127)],
    ['clamped bytes', Uint8ClampedArray.of(1, 255)],
    ['numbers of two bytes', { a: Int16Array.of(-2, 300), b: Uint16Array.of(1, 65_535) }],
    ['numbers of four bytes', [Int32Array.of(-70_000), Uint32Array.of(4_000_000_000)]],
    ['fractions of four bytes', Float32Array.of(0.5, -2)],
    ['fractions of eight bytes', new Float64Array([9, Math.PI, 9]).subarray(1, 2)],
    ['integers of eight bytes', [BigInt64Array.of(-1n), BigUint64Array.of(2n ** 64n - 1n)]],
    ['a data view', new DataView(new Uint8Array([1, 2, 3]).buffer, 1)],
    ['a large typed array', new Float64Array(100_000).fill(0.1)],
  ])('gives back %s', (_, value) => {
    expect(msgpack.decode(msgpack.encode(value))).toStrictEqual(value)
  })

  it('decodes binary fields that share no memory with the message', () => {
    const message = msgpack.encode({ bytes: Buffer.from('abc') }) as Buffer
    const { bytes } = msgpack.decode(message) as { bytes: Buffer }
    message.fill(0)
    expect(bytes).toEqual(Buffer.from('abc'))
  })

  it('writes bytes as bytes, which any peer can read', () => {
    expect(msgpack.encode(Uint8Array.of(1, 2))).toEqual(Buffer.from('c4020102', 'hex'))
  })

  it.each([
    ['a function', () => 1],
    ['a field that is a function', { deep: [{ run() {} }] }],
    ['a symbol', Symbol('id')],
    ['an integer over 64 bits', 2n ** 70n],
  ])('refuses %s, and works on', (_, value) => {
    expect(() => msgpack.encode(value)).toThrow()
    expect(msgpack.decode(msgpack.encode([1]))).toEqual([1])
  })

  it('writes plain maps that any peer can read, never records', () => {
    expect(msgpack.encode({ a: 1 })).toEqual(Buffer.from('de000161a101'.replace('61a101', 'a16101'), 'hex'))
  })

  it('reads what a foreign peer wrote: the shortest forms, and integers of 64 bits', () => {
    expect(msgpack.decode(Buffer.from('82a16101a162cf0000018000000000', 'hex'))).toEqual({
      a: 1,
      b: 0x18000000000n,
    })
  })

  it.each([
    ['an empty message', ''],
    ['a map cut short', '82a161'],
    ['bytes after the value', '0101'],
    ['an array that claims four billion items', 'ddffffffff'],
    ['a string that claims four gigabytes', 'dbffffffff61'],
    ['an unknown extension', 'd40a01'],
    ['a typed array of no known class', 'c702746301'],
    ['a typed array cut within a number', 'c703740801'],
  ])('throws on %s', (_, hex) => {
    expect(() => msgpack.decode(Buffer.from(hex, 'hex'))).toThrow()
  })

  it('throws on nesting without end, and works on', () => {
    expect(() => msgpack.decode(Buffer.alloc(1_000_000, 0x91))).toThrow()
    expect(msgpack.decode(msgpack.encode([1]))).toEqual([1])
  })

  it('cannot set the prototype of a decoded object', () => {
    const value = msgpack.decode(msgpack.encode(JSON.parse('{"__proto__":{"admin":true}}')))
    expect((value as { admin?: boolean }).admin).toBeUndefined()
  })

  it('keeps no state between messages: a record definition of a stranger changes nothing', () => {
    msgpack.decode(Buffer.from('d4724091a16101', 'hex'))
    expect(msgpack.decode(Buffer.from('40', 'hex'))).toBe(0x40)
  })

  it('refuses several parts', () => {
    expect(() => msgpack.decode(twoParts)).toThrow(InvalidMessageError)
  })
})

describe('json', () => {
  it('gives back what JSON can say', () => {
    const value = { id: 1, name: 'é', list: [1, null] }
    expect(json.decode(json.encode(value))).toEqual(value)
    expect(json.encode({ a: 1 })).toEqual(Buffer.from('{"a":1}'))
  })

  it.each([undefined, () => 1, Symbol('s')])('refuses %s, which JSON would leave out', value => {
    expect(() => json.encode(value)).toThrow(InvalidMessageError)
  })

  it('throws on what is not JSON, not UTF-8, or of several parts', () => {
    expect(() => json.decode(Buffer.from('{'))).toThrow(SyntaxError)
    expect(() => json.decode(Buffer.from([0x22, 0xff, 0x22]))).toThrow(InvalidMessageError)
    expect(() => json.decode(twoParts)).toThrow(InvalidMessageError)
  })

  it('decodes a plain Uint8Array', () => {
    expect(json.decode(new Uint8Array([0, 0x31, 0]).subarray(1, 2))).toBe(1)
  })
})

describe('text', () => {
  it('gives back strings', () => {
    expect(text.decode(text.encode('grüße 🐟'))).toBe('grüße 🐟')
    expect(text.decode(text.encode(''))).toBe('')
  })

  it('refuses what is no string, and a lone surrogate', () => {
    expect(() => text.encode(1 as unknown as string)).toThrow('text is a string, not number')
    expect(() => text.encode('\ud800')).toThrow('lone surrogate')
  })

  it('refuses bytes that are not UTF-8, and several parts', () => {
    expect(() => text.decode(Buffer.from([0xc3]))).toThrow(InvalidMessageError)
    expect(() => text.decode(twoParts)).toThrow(InvalidMessageError)
  })
})

describe('raw', () => {
  it('passes messages through as they are', () => {
    const part = Buffer.from('a')
    expect(raw.encode(part)).toBe(part)
    expect(raw.encode(twoParts)).toBe(twoParts)
    expect(raw.decode(twoParts)).toBe(twoParts)
  })

  it('makes an array of one part bare', () => {
    expect(raw.encode([twoParts[0]!])).toBe(twoParts[0])
  })

  it.each([['text'], [[]], [['text']], [undefined], [new ArrayBuffer(1)]])('refuses %s', value => {
    expect(() => raw.encode(value as never)).toThrow(InvalidMessageError)
  })
})

describe('checked', () => {
  it.each([['text'], [42], [undefined], [new ArrayBuffer(3)], [[]], [['text']], [new Float64Array(2)]])(
    'refuses a codec that makes %o',
    made => {
      const careless = { name: 'careless', encode: () => made, decode: () => 0 } as unknown as Codec<unknown>
      expect(() => checked(careless).encode('value')).toThrow(/^it makes no message: a Uint8Array/)
    },
  )
})

describe('copying', () => {
  it('lets the caller change a buffer at once', () => {
    const part = Buffer.from('before')
    const message = copying(raw).encode([part, part])
    part.fill('x')
    expect(message).toEqual([Buffer.from('before'), Buffer.from('before')])
  })
})
