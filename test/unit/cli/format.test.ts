/** Formats, without sockets: what a line becomes, and what is printed for it. */

import { describe, expect, test } from 'vitest'
import { FORMATS, type FormatName, formatOf } from '../../../src/cli/format.ts'
import type { LineLayout } from '../../../src/cli/line-message.ts'
import { InvalidMessageError } from '../../../src/errors.ts'
import { fc } from '../../support/property.ts'

const PLAIN: LineLayout = { head: undefined, fixed: undefined, multipart: false }

/** The line through format, codec and format again. */
function there(name: FormatName, line: string, layout: Partial<LineLayout> = {}): string {
  const format = formatOf(name, { ...PLAIN, ...layout })
  const { head, parts } = format.read(Buffer.from(line))
  const received = format.codec.decode(format.codec.encode(parts))
  return format.write({ head, parts: received }).toString()
}

describe('A line comes out as it went in', () => {
  test.each<[FormatName, string, Partial<LineLayout>?]>([
    ['text', 'a\tb "ü" '],
    ['text', ''],
    ['text', 'a\t\tb', { multipart: true }],
    ['text', 'topic\tvalue\twith a tab', { head: 'topic' }],
    ['text', 'topic only', { head: 'topic' }],
    ['ndjson', '{"a":[1,null,"x"]}'],
    ['ndjson', '[1,"x",{}]', { multipart: true }],
    ['ndjson', '{"topic":"t","value":{"a":1}}', { head: 'topic' }],
    ['ndjson', '{"peer":"bob","value":["x",2]}', { head: 'peer', multipart: true }],
    ['msgpack', '{"a":[1,null,"x"],"b":1.5}'],
    ['hex', '00ff10'],
    ['hex', '00\tff', { multipart: true }],
  ])('%s: %j', (name, line, layout) => {
    expect(there(name, line, layout)).toBe(`${line}\n`)
  })

  test('whatever JSON value it is', () => {
    // Not `__proto__`: the codec renames it, so that no message can reach a prototype.
    const harmless = fc.jsonValue().filter(value => !JSON.stringify(value).includes('__proto__'))
    fc.assert(
      fc.property(harmless, value => {
        const line = JSON.stringify(value)
        expect(JSON.parse(there('ndjson', line))).toEqual(JSON.parse(line))
        expect(JSON.parse(there('msgpack', line))).toEqual(JSON.parse(line))
        expect(JSON.parse(there('json', line))).toEqual(JSON.parse(line))
      }),
    )
  })

  test('whatever bytes they are, raw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        const format = formatOf('raw', PLAIN)
        expect(format.write(format.read(Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
      }),
    )
  })
})

describe('A line that does not match is refused', () => {
  test.each<[FormatName, string, Partial<LineLayout>, string]>([
    ['json', '{', {}, 'not JSON'],
    ['json', '1', { multipart: true }, 'array of at least one part'],
    ['json', '[]', { multipart: true }, 'array of at least one part'],
    ['json', '{"value":1}', { head: 'topic' }, 'no text member "topic"'],
    ['json', 'null', { head: 'peer' }, 'no text member "peer"'],
    ['hex', '0g', {}, 'not hex'],
    ['hex', '0', {}, 'not hex'],
    ['text', 'no tab', { head: 'peer' }, 'no tab after the peer'],
  ])('%s: %j', (name, line, layout, text) => {
    expect(() => there(name, line, layout)).toThrow(text)
  })

  test.each(['text', 'json', 'ndjson', 'msgpack'] as const)('%s: bytes that are not UTF-8', name => {
    expect(() => formatOf(name, PLAIN).read(Buffer.from([0x22, 0xff, 0x22]))).toThrow('UTF-8')
  })
})

test('what JSON lacks is shown as text: large integers as digits, bytes as base64', () => {
  const { write } = formatOf('msgpack', PLAIN)
  expect(write({ head: undefined, parts: [{ n: 2n ** 60n, b: Buffer.from('hi') }] })).toBe(
    '{"n":"1152921504606846976","b":"aGk="}\n',
  )
})

test('typed arrays are shown up to a bound, all of a value together', () => {
  const { write } = formatOf('msgpack', PLAIN)
  const shown = (...value: unknown[]) => write({ head: undefined, parts: [value] })
  expect(shown(new Int8Array([1, 2]), new BigInt64Array([3n]))).toBe('[{"0":1,"1":2},{"0":"3"}]\n')
  const half = new Int8Array(2 ** 19 + 1)
  expect(() => shown(half, half)).toThrow('typed arrays of more than 1048576 bytes are not shown')
  expect(() => shown(new Float64Array(2 ** 18))).toThrow(InvalidMessageError)
})

test('a value that is deep is shown on one line, and one that is too deep is refused', () => {
  const { write } = formatOf('json', PLAIN)
  const nested = (depth: number, inner: unknown) =>
    JSON.parse(`${'['.repeat(depth)}${JSON.stringify(inner)}${']'.repeat(depth)}`)
  expect(write({ head: undefined, parts: [nested(3, 1)] })).toBe('[\n  [\n    [\n      1\n    ]\n  ]\n]\n')
  const deep = nested(1000, Array(250_000).fill(0))
  expect(write({ head: undefined, parts: [deep] }).length).toBeLessThan(600_000)
  expect(() => write({ head: undefined, parts: [nested(50_000, 1)] })).toThrow('nested too deeply')
})

test('a message of several parts needs --multipart, where a line is one value', () => {
  const parts = [Buffer.from('1'), Buffer.from('2')]
  for (const name of FORMATS.filter(name => /json/.test(name))) {
    expect(() => formatOf(name, PLAIN).codec.decode(parts)).toThrow('--multipart')
    expect(formatOf(name, { ...PLAIN, multipart: true }).codec.decode(parts)).toEqual([1, 2])
  }
  expect(formatOf('text', PLAIN).codec.decode(parts)).toEqual(['1', '2'])
})

test('with a head that is given, lines have none', () => {
  expect(formatOf('text', { ...PLAIN, head: 'topic', fixed: 't' }).read(Buffer.from('a\tb'))).toEqual({
    head: 't',
    parts: ['a\tb'],
  })
  expect(formatOf('json', { ...PLAIN, head: 'peer', fixed: 'p' }).read(Buffer.from('{"peer":1}'))).toEqual({
    head: 'p',
    parts: [{ peer: 1 }],
  })
})
