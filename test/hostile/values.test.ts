/** Messages that are legal ZMTP and mean harm once they are decoded: to time, to memory, to prototypes, to those who read errors. */
import { execFileSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { json } from '../../src/codec/json.ts'
import { msgpack } from '../../src/codec/msgpack.ts'
import { raw } from '../../src/codec/raw.ts'
import { InvalidMessageError } from '../../src/errors.ts'
import { Pull, Push } from '../../src/index.ts'
import { fc } from '../support/property.ts'
import { valueCases } from './cases.ts'
import { fuzz } from './fuzz.ts'
import { collectedBytes } from './memory.ts'
import { promised } from './value-grammar.ts'

const MIB = 1024 * 1024
/** Always the same cases here; other seeds are for `npm run fuzz`. */
const COUNT = 5_000
const SEED = 20_261_124

/** Elements behind the header of an array of 32 bits. */
function arrayOf(count: number, element: Buffer): Buffer {
  const header = Buffer.from([0xdd, 0, 0, 0, 0])
  header.writeUInt32BE(count, 1)
  const body = Buffer.alloc(count * element.length, element)
  return Buffer.concat([header, body])
}

const hex = (text: string) => Buffer.from(text, 'hex')

/** `[[a, a], [b, b] ...]` with msgpackr's pointers, each level twice the one before. */
function doubling(levels: number): Buffer {
  const parts = [Buffer.from([0x90 | 2])]
  const id = (type: number, number: number) => Buffer.from([0xd6, type, 0, 0, 0, number])
  parts[0] = Buffer.from([0xdc, 0, levels])
  parts.push(id(0x69, 0), hex('9101'))
  for (let level = 1; level < levels; level++) {
    parts.push(id(0x69, level), hex('92'), id(0x70, level - 1), id(0x70, level - 1))
  }
  return Buffer.concat([...parts, hex('c0')])
}

describe('A decoder', () => {
  test('refuses pointers that double at each level before they become a graph', () => {
    expect(() => msgpack.decode(doubling(28))).toThrow(/^extension 0x69/)
  })

  test('never makes code of a message: a thousand record definitions are refused unread', () => {
    const definition = hex('d4724091a16101')
    const made: unknown[] = []
    const real = globalThis.Function
    globalThis.Function = new Proxy(real, {
      construct(target, given) {
        made.push(given)
        return Reflect.construct(target, given)
      },
      apply(target, self, given) {
        made.push(given)
        return Reflect.apply(target, self, given)
      },
    })
    try {
      expect(() => msgpack.decode(arrayOf(1000, Buffer.concat([definition, hex('4001')])))).toThrow(
        /^extension 0x72/,
      )
      for (let round = 0; round < 10; round++) msgpack.decode(msgpack.encode({ a: 1 }))
    } finally {
      globalThis.Function = real
    }
    expect(made).toEqual([])
  })

  test('works where code from strings is forbidden, and holds none', () => {
    const program = `
      import { msgpack } from './src/codec/msgpack.ts'
      try { new Function('1'); process.exit(1) } catch {}
      console.log(JSON.stringify(msgpack.decode(msgpack.encode({ a: [1, 'b'] }))))`
    const flags = [
      '--disallow-code-generation-from-strings',
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      program,
    ]
    expect(execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim()).toBe('{"a":[1,"b"]}')
  })

  test.each([
    ['empty objects', '80'],
    ['objects with a large index', '81cd03e8c0'],
    ['objects whose index is a signed integer', '81d103e8c0'],
    ['objects whose index is a fraction that is whole', '81ca447a0000c0'],
    ['objects whose index is an integer of 64 bits', '81cf00000000000003e8c0'],
    ['objects whose index is text with a longer header than it needs', '81da000431303030c0'],
    ['objects with an index of nine digits', '81a9393939393939393939c0'],
    [
      'objects of 22 fields',
      `de0016${[...'abcdefghijklmnopqrstuv'].map(key => `a1${key.charCodeAt(0).toString(16)}00`).join('')}`,
    ],
    ['empty buffers', 'c400'],
    ['typed arrays', 'd47408'],
    ['dates', 'd6ff00000001'],
    ['short strings', 'a26162'],
  ])('bounds the memory that %s take by maxDecodedSize', (_, element) => {
    const limits = { maxDecodedSize: 8 * MIB, maxDepth: 8 }
    let value: unknown
    const before = collectedBytes()
    for (let count = 512; ; count *= 2) {
      try {
        value = msgpack.decode(arrayOf(count, hex(element)), limits)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError)
        break
      }
    }
    const most = collectedBytes() - before
    expect(value).toBeInstanceOf(Array)
    expect(most).toBeLessThan(1.25 * limits.maxDecodedSize)
    // Not by much too early either: what is counted exists.
    expect(most).toBeGreaterThan(limits.maxDecodedSize / 8)
  })

  test.each([
    ['objects with an index', '{"1000":0}'],
    ['objects with a blank behind the key', '{"1000" :0}'],
    ['objects whose index is an escape', '{"\\u0031000":0}'],
    [
      'objects of 128 fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 128 }, (_, at) => [`k${at}`, 0]))),
    ],
  ])('bounds the memory that JSON of %s takes by maxDecodedSize', (_, element) => {
    const limits = { maxDecodedSize: 8 * MIB, maxDepth: 8 }
    let value: unknown
    const before = collectedBytes()
    for (let count = 64; ; count *= 2) {
      try {
        value = json.decode(Buffer.from(`[${new Array(count).fill(element).join(',')}]`), limits)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError)
        break
      }
    }
    expect(value).toBeInstanceOf(Array)
    expect(collectedBytes() - before).toBeLessThan(1.25 * limits.maxDecodedSize)
  })

  test('keeps no long key of a message', () => {
    const before = collectedBytes()
    for (let index = 0; index < 1000; index++) {
      json.decode(Buffer.from(JSON.stringify({ [`${index}`.padStart(16_000, 'k')]: new Array(20).fill({}) })))
    }
    expect(collectedBytes() - before).toBeLessThan(8 * MIB)
  })

  test('counts a key once, also among keys that differ in the middle only', () => {
    const columns = Array.from({ length: 50 }, (_, at) => [`value_${String(at).padStart(3, '0')}_avg`, at])
    const record = msgpack.encode(Object.fromEntries(columns)) as Buffer
    const limits = { maxDecodedSize: 4 * MIB, maxDepth: 8 }
    expect(msgpack.decode(arrayOf(1000, record), limits)).toHaveLength(1000)
  })

  test('refuses 64 MiB of empty objects by default, MessagePack and JSON, without making them', () => {
    const before = collectedBytes()
    expect(() => msgpack.decode(arrayOf(64 * MIB - 5, hex('80')))).toThrow(
      'maxDecodedSize, which is 268435456',
    )
    const text = Buffer.alloc(64 * MIB, '{},')
    text[0] = 0x5b
    expect(() => json.decode(text)).toThrow('maxDecodedSize, which is 268435456')
    expect(collectedBytes() - before).toBeLessThan(80 * MIB)
  })

  test('refuses keys that V8 would compare one by one, and takes keys of 16,000 bytes', () => {
    const keys = (length: number) =>
      Object.fromEntries(Array.from({ length: 8 }, (_, index) => [String(index).padStart(length, 'k'), 1]))
    for (const codec of [msgpack, json]) {
      expect(codec.decode(codec.encode(keys(16_000)))).toEqual(keys(16_000))
      expect(() => codec.encode(keys(16_384))).toThrow(/^a key of 16384 bytes at byte \d+; /)
    }
    const text = Buffer.from(JSON.stringify(keys(16_384)))
    expect(() => json.decode(text)).toThrow('a key of 16384 bytes')
    const packed = Buffer.concat([hex('81da4000'), Buffer.alloc(16_384, 'k'), hex('01'), Buffer.alloc(0)])
    expect(() => msgpack.decode(Buffer.concat([hex('dc0002'), packed, packed]))).toThrow(
      'a key of 16384 bytes',
    )
  })

  test('takes 40 MiB of ordinary records by default', () => {
    const record = msgpack.encode({
      id: 123456,
      name: 'sensor-17',
      price: 1234.5,
      active: true,
      tags: ['a', 'b'],
    }) as Buffer
    const count = Math.floor((40 * MIB) / record.length)
    expect(msgpack.decode(arrayOf(count, record))).toHaveLength(count)
  })

  test('decides alike whatever was decoded before', () => {
    const element = Buffer.concat(
      ['aa', 'ab', 'ac'].map(key => Buffer.concat([hex('81a2'), Buffer.from(key), hex('01')])),
    )
    const header = hex('dc012c')
    const message = Buffer.concat([header, Buffer.concat(new Array(100).fill(element))])
    const taken = (size: number) => {
      try {
        msgpack.decode(message, { maxDecodedSize: size, maxDepth: 8 })
        return true
      } catch {
        return false
      }
    }
    const first = Array.from({ length: 400 }, (_, index) => taken(20_000 + index * 50))
    for (let index = 0; index < 5_000; index++) msgpack.decode(msgpack.encode({ [`k${index}`]: 1 }))
    expect(Array.from({ length: 400 }, (_, index) => taken(20_000 + index * 50))).toEqual(first)
    expect(new Set(first).size).toBe(2)
  })

  test('gives back every value that is promised', () => {
    fc.assert(
      fc.property(promised, value => {
        expect(isDeepStrictEqual(msgpack.decode(msgpack.encode(value)), value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test(`survives ${COUNT} made-up messages and takes time by their bytes`, { timeout: 120_000 }, async () => {
    const { failure } = await fuzz({ count: COUNT, seed: SEED, from: valueCases })
    expect(failure).toBeUndefined()
  })
})

describe('A socket', () => {
  test('counts what passes its limits as invalid, and goes on', async () => {
    await using pull = new Pull<unknown>({ maxDecodedSize: 4096, maxDepth: 4 })
    await using stranger = new Push({ codec: raw })
    await using honest = new Push<unknown>({ maxDepth: 4 })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    stranger.connect(endpoint)
    await stranger.send(arrayOf(1000, hex('80')))
    await stranger.send(hex('919191919101'))
    await stranger.send(hex('9101'))
    expect(await pull.receive()).toEqual([1])
    expect(pull.stats()?.invalid).toBe(2)
    honest.connect(endpoint)
    await expect(honest.send([[[[[1]]]]])).rejects.toThrow('maxDepth, which is 4')
  })
})
