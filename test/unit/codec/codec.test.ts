import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../../src/codec/codec.ts'
import { checked, copying } from '../../../src/codec/codec-wrappers.ts'
import { json } from '../../../src/codec/json.ts'
import { msgpack } from '../../../src/codec/msgpack.ts'
import { raw } from '../../../src/codec/raw.ts'
import { Decoder } from '../../../src/codec/schema.ts'
import { text } from '../../../src/codec/text.ts'
import { InvalidMessageError } from '../../../src/errors.ts'

const twoParts = [Buffer.from('1'), Buffer.from('2')]

function caught(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function circular(): object {
  const value: Record<string, unknown> = { data: Buffer.alloc(1000) }
  value['self'] = value
  return value
}

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
    ['what is not a number', NaN],
    ['a date before 1970 and one after 2514', [new Date(-1), new Date(20_000_000_000_001)]],
    ['an invalid date', new Date(NaN)],
    ['16 fields', Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i]))],
    ['keys of Object.prototype', { constructor: 1, toString: 2, hasOwnProperty: 3 }],
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
    ['an Error', { error: new Error('no') }],
    ['a RegExp', /x/],
    ['an object that holds itself', circular()],
  ])('refuses %s, and works on', (_, value) => {
    expect(() => msgpack.encode(value)).toThrow(InvalidMessageError)
    expect(msgpack.decode(msgpack.encode([1]))).toEqual([1])
  })

  it('writes plain maps that any peer can read, never records', () => {
    expect(msgpack.encode({ a: 1 })).toEqual(Buffer.from('de0001a16101', 'hex'))
  })

  it('lets a toJSON encode a message of its own', () => {
    const value = {
      before: 1,
      nested: {
        date: new (class {
          toJSON() {
            return msgpack.encode([1])
          }
        })(),
      },
      after: 2,
    }
    expect(msgpack.decode(msgpack.encode(value))).toEqual({
      before: 1,
      nested: { date: Buffer.from('9101', 'hex') },
      after: 2,
    })
  })

  it('nests as deep as maxDepth, and refuses more at both ends', () => {
    const nested = (depth: number) => {
      let value: unknown = 1
      for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
      return value
    }
    expect(msgpack.decode(msgpack.encode(nested(256)))).toEqual(nested(256))
    expect(() => msgpack.encode(nested(257))).toThrow('maxDepth, which is 256')
    expect(() => msgpack.decode(Buffer.from(`${'91'.repeat(257)}01`, 'hex'))).toThrow(
      'maxDepth, which is 256',
    )
    expect(
      msgpack.decode(msgpack.encode(nested(257), { maxDecodedSize: 1e6, maxDepth: 257 }), {
        maxDecodedSize: 1e6,
        maxDepth: 257,
      }),
    ).toEqual(nested(257))
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
    ['the byte that no type has', 'c1'],
    ['a record definition', 'd4724091a16101'],
    ['a record definition of two bytes', 'd572400091a16101'],
    ['a pointer, and what it points to', '92d6690000000191c0d67000000001'],
    ['a Set', 'd473009101'],
    ['an Error', 'd4650092a15fa16d'],
    ['a RegExp', 'd4780092a161a0'],
    ['bundled strings', 'd66200000001c1'],
    ['an integer of more than 64 bits', 'c70942010000000000000000'],
    ['a timestamp of five bytes', 'c705ff0000000000'],
    ['an array for a key', '819001'],
    ['bytes for a key', '81c4016101'],
  ])('refuses %s, and keeps nothing of it', (_, hex) => {
    expect(() => msgpack.decode(Buffer.from(hex, 'hex'))).toThrow(InvalidMessageError)
    expect(msgpack.decode(Buffer.from('40', 'hex'))).toBe(0x40)
  })

  it('says what was wrong and where, and never a value', () => {
    const secret = Buffer.from('secret-of-the-peer')
    const message = Buffer.concat([
      Buffer.from([0x92, 0xa0 | secret.length]),
      secret,
      Buffer.from('d4690000', 'hex'),
    ])
    expect(() => msgpack.decode(message)).toThrow(/^extension 0x69 of 1 bytes at byte 21; known are/)
    for (const codec of [msgpack, json]) {
      const decoder = new Decoder(codec)
      for (const bytes of [message, Buffer.concat([Buffer.from('{"a":"'), secret])]) {
        const error = caught(() => decoder.decode(bytes))
        expect(inspect(error)).not.toMatch(/secret|73 65 63/)
      }
    }
  })

  it('throws on nesting without end, and works on', () => {
    expect(() => msgpack.decode(Buffer.alloc(1_000_000, 0x91))).toThrow()
    expect(msgpack.decode(msgpack.encode([1]))).toEqual([1])
  })

  it('cannot set the prototype of a decoded object', () => {
    const value = msgpack.decode(msgpack.encode(JSON.parse('{"__proto__":{"admin":true}}')))
    expect((value as { admin?: boolean }).admin).toBeUndefined()
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

  it('refuses what is nested more deeply than maxDepth, at both ends, brackets in strings aside', () => {
    const nested = (depth: number) => JSON.parse(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`)
    expect(json.decode(json.encode(nested(256)))).toEqual(nested(256))
    expect(() => json.encode(nested(258))).toThrow('maxDepth, which is 256')
    expect(() => json.decode(Buffer.from(JSON.stringify(nested(258))))).toThrow('maxDepth, which is 256')
    const brackets = [`\\"${'['.repeat(1000)}`, '\\']
    expect(json.decode(json.encode(brackets))).toEqual(brackets)
  })

  it('throws on what is not JSON, not UTF-8, or of several parts', () => {
    expect(() => json.decode(Buffer.from('{'))).toThrow('the message is not JSON')
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
