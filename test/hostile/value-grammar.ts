/** Messages made by the grammars of MessagePack and JSON, in which every rule may be broken: all types, all extensions, and those of msgpackr. */
import { msgpack } from '../../src/codec/msgpack.ts'
import { fc } from '../support/property.ts'
import { type Spoil, spoil, spoils } from './spoil.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(array => Buffer.from(array))

/** Keys that mean something to JavaScript, to V8, or to neither. */
const KEYS = [
  'a',
  'id',
  '__proto__',
  'constructor',
  'toString',
  'then',
  'toJSON',
  '',
  '0',
  '300',
  '4999',
  '4294967295',
  'é',
]

const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 40 }))

/** What changes on its way is not promised: minus zero, a byte order mark, the keys "__proto__" and "toJSON". */
const changing = new Set(['__proto__', 'toJSON'])
const kept = (text: string) => text.replace(/^\ufeff+/, '')

/** Values that the codec promises to give back, nested ones included. */
export const promised: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, undefined, true, false, NaN, Infinity, 2 ** 31, 2 ** 32, -(2 ** 31) - 1),
    fc.integer(),
    fc.double().map(number => number + 0),
    fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
    fc.string({ unit: 'binary', maxLength: 70 }).map(kept),
    fc.date({ noInvalidDate: true }),
    bytes(300),
    bytes(16).map(list => new Float64Array(list)),
    bytes(16).map(list => new Int16Array(list)),
    fc.array(tie('value'), { maxLength: 18 }),
    fc.dictionary(
      key.map(kept).filter(name => !changing.has(name)),
      tie('value'),
      { maxKeys: 18, noNullPrototype: true },
    ),
  ),
})).value

const length8 = (type: number, body: Buffer, lie: number) =>
  Buffer.concat([Buffer.from([type, (body.length + lie) & 255]), body])
const length32 = (type: number, length: number, body: Buffer) => {
  const header = Buffer.alloc(5)
  header[0] = type
  header.writeUInt32BE(length >>> 0, 1)
  return Buffer.concat([header, body])
}
const mostlyTrue = fc.oneof(
  { arbitrary: fc.constant(0), weight: 6 },
  { arbitrary: fc.integer({ min: -3, max: 200 }), weight: 1 },
)
const anyLength = fc.oneof(
  fc.nat(20),
  fc.constantFrom(0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.nat(),
)

/** Extensions by number: none, msgpackr's own (B, b, e, i, p, r, s, t, x), timestamps, and others. */
const extensionType = fc.oneof(
  fc.constantFrom(0x00, 0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78, 0xff),
  fc.nat(255),
)

/** MessagePack that is right but for what is not. */
const packed: fc.Arbitrary<Buffer> = fc.letrec<{ value: Buffer; list: Buffer[] }>(tie => ({
  list: fc.array(tie('value'), { maxLength: 5 }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.nat(255).map(type => Buffer.from([type])),
    promised.map(value => Buffer.from(msgpack.encode(value) as Buffer)),
    fc
      .tuple(fc.constantFrom(0xc4, 0xd9), bytes(40), mostlyTrue)
      .map(([type, body, lie]) => length8(type, body, lie)),
    fc
      .tuple(fc.constantFrom(0xc6, 0xc9, 0xdb, 0xdd, 0xdf), anyLength, bytes(20))
      .map(([type, length, body]) => length32(type, length, body)),
    fc
      .tuple(extensionType, bytes(30), mostlyTrue)
      .map(([type, body, lie]) =>
        Buffer.concat([Buffer.from([0xc7, (body.length + lie) & 255, type]), body]),
      ),
    // The fixed extensions, with a value behind them as records, pointers, Sets and Errors of msgpackr have.
    fc
      .tuple(fc.constantFrom(0xd4, 0xd5, 0xd6, 0xd7, 0xd8), extensionType, bytes(16), tie('value'))
      .map(([type, extension, body, value]) =>
        Buffer.concat([Buffer.from([type, extension]), body.subarray(0, 2 ** (type - 0xd4)), value]),
      ),
    fc
      .tuple(tie('list'), mostlyTrue)
      .map(([list, lie]) => Buffer.concat([Buffer.from([0x90 | ((list.length + lie) & 15)]), ...list])),
    fc
      .tuple(
        fc.array(
          fc.tuple(
            fc.oneof(
              key.map(name => Buffer.from(msgpack.encode(name) as Buffer)),
              tie('value'),
            ),
            tie('value'),
          ),
          { maxLength: 5 },
        ),
        mostlyTrue,
      )
      .map(([list, lie]) =>
        Buffer.concat([Buffer.from([0x80 | ((list.length + lie) & 15)]), ...list.flat()]),
      ),
  ),
})).value

/** One value over and over, up to the limits of what a message may have: where memory and time go. */
const repeated: fc.Arbitrary<Buffer> = fc
  .tuple(packed, fc.integer({ min: 1, max: 30_000 }), fc.boolean())
  .map(([item, count, nested]) => {
    if (nested) return Buffer.concat([Buffer.alloc(Math.min(count, 2_000), 0x91), item])
    const fitting = Math.min(count, Math.floor(200_000 / Math.max(1, item.length)))
    return length32(0xdd, fitting, Buffer.concat(new Array(fitting).fill(item)))
  })

const jsonText = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.tuple(key, fc.json()).map(([name, value]) => `{${JSON.stringify(name)}:${value},"x":[${value}]}`),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[[],', '"', '{}', '1e400', '\\u0000', '[{},{}]'), fc.nat(3_000))
    .map(([piece, count]) => piece.repeat(count)),
  fc
    .tuple(
      fc.constantFrom('{}', '[]', '""', '{"300":1}', '"1234567"', '1'),
      fc.integer({ min: 1, max: 20_000 }),
    )
    .map(([piece, count]) => `[${new Array(count).fill(piece).join(',')}]`),
)

const spoilt = (right: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(right, fc.array(spoils, { maxLength: 3 }))
    .map(([whole, list]: [Buffer, Spoil[]]) => list.reduce(spoil, whole))

export const packedMessages: fc.Arbitrary<Buffer> = fc.oneof(
  { arbitrary: spoilt(packed), weight: 60 },
  { arbitrary: repeated, weight: 1 },
  { arbitrary: bytes(60), weight: 10 },
)

export const jsonMessages: fc.Arbitrary<Buffer> = fc.oneof(
  { arbitrary: spoilt(jsonText.map(text => Buffer.from(text))), weight: 30 },
  { arbitrary: jsonText.map(text => Buffer.from(text)), weight: 5 },
)
