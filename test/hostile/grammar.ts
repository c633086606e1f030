/** Streams made by ZMTP's grammar (RFC 37, "Formal Grammar"), in which every rule may be broken. */

import { encodeFrame, FLAG_COMMAND, FLAG_LONG, FLAG_MORE } from '../../src/wire/frame.ts'
import { encodeGreetingRest, encodeGreetingStart } from '../../src/wire/greeting.ts'
import { fc } from '../support/property.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(array => Buffer.from(array))
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: right, weight: 5 }, { arbitrary: wrong, weight: 1 })

/** A length in eight bytes: huge, negative, or a lie of a few bytes. */
const LENGTHS = [
  0n,
  1n,
  255n,
  256n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
]
const anyLength = fc.oneof(fc.constantFrom(...LENGTHS, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n))

function longFrame(flags: number, length: bigint, body: Buffer): Buffer {
  const header = Buffer.alloc(9)
  header[0] = flags | FLAG_LONG
  header.writeBigUInt64BE(length, 1)
  return Buffer.concat([header, body])
}

const property = fc
  .tuple(
    mostly(
      fc.constantFrom('Socket-Type', 'Identity', 'socket-type', 'Resource', 'X-1', 'X-TypedMQ-Trace'),
      fc.string({ maxLength: 12 }),
    ),
    mostly(fc.constantFrom('PUSH', 'PULL', 'SUB', 'DEALER', 'REQ', 'me').map(Buffer.from), bytes(300)),
    mostly(fc.constant(0), fc.integer({ min: -300, max: 0x7fffffff })),
  )
  .map(([name, value, lie]) => {
    const key = Buffer.from(name, 'latin1')
    const length = Buffer.alloc(4)
    length.writeUInt32BE((value.length + lie) >>> 0)
    return Buffer.concat([Buffer.from([key.length]), key, length, value])
  })

const metadata = fc.array(property, { maxLength: 6 }).map(list => Buffer.concat(list))

const commandData = fc.oneof(
  metadata,
  fc.tuple(bytes(4), bytes(24)).map(pieces => Buffer.concat(pieces)),
  bytes(40),
  fc
    .constantFrom('400', 'topic', '')
    .map(text => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
)

const NAMES = [
  'READY',
  'ERROR',
  'PING',
  'PONG',
  'SUBSCRIBE',
  'CANCEL',
  'HELLO',
  'INITIATE',
  'MESSAGE',
  'TRACE',
  'CLOCK',
  'X',
]

const command = fc
  .tuple(
    mostly(fc.constantFrom(...NAMES), fc.string({ maxLength: 8 })),
    commandData,
    mostly(fc.constant(0), fc.nat(255)),
  )
  .map(([name, data, lie]) => {
    const key = Buffer.from(name, 'latin1')
    return Buffer.concat([Buffer.from([(key.length + lie) & 255]), key, data])
  })

const frame = fc.oneof(
  command.map(body => Buffer.from(encodeFrame(FLAG_COMMAND, body))),
  fc
    .tuple(fc.constantFrom(0, 0, FLAG_MORE), bytes(64))
    .map(([flags, body]) => Buffer.from(encodeFrame(flags, body))),
  fc
    .tuple(fc.nat(255), bytes(20))
    .map(([flags, body]) => Buffer.concat([Buffer.from([flags, body.length]), body])),
  fc.tuple(fc.nat(7), anyLength, bytes(40)).map(([flags, length, body]) => longFrame(flags, length, body)),
  fc.integer({ min: 250, max: 40_000 }).map(size => Buffer.from(encodeFrame(0, Buffer.alloc(size, 'x')))),
  bytes(30),
)

const greeting = fc
  .tuple(
    fc.constantFrom(3, 3, 3, 3, 4, 255, 2, 1, 0),
    fc.constantFrom(1, 0, 255),
    mostly(fc.constantFrom('NULL'), fc.constantFrom('PLAIN', 'CURVE', 'GSSAPI', '', 'null')),
    fc.boolean(),
  )
  .map(([major, minor, mechanism, asServer]) => {
    const whole = Buffer.concat([encodeGreetingStart(), encodeGreetingRest(mechanism, asServer)])
    whole[10] = major
    whole[11] = minor
    return whole
  })

/** Only frames. */
export const frames: fc.Arbitrary<Buffer> = fc
  .array(frame, { maxLength: 12 })
  .map(list => Buffer.concat(list))

/** Behind whatever opening: a legal one gets strangers further. */
export function conversation(opening: Buffer): fc.Arbitrary<Buffer> {
  return fc
    .tuple(
      fc.oneof({ arbitrary: fc.constant(opening), weight: 3 }, { arbitrary: greeting, weight: 2 }),
      frames,
    )
    .map(pieces => Buffer.concat(pieces))
}
