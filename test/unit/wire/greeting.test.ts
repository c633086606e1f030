/** Greetings: the bytes of RFC 37, read from any split, and every byte that cannot be right refused. */
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import {
  encodeGreetingRest,
  encodeGreetingStart,
  type Greeting,
  GreetingReader,
} from '../../../src/wire/greeting.ts'

const NULL_GREETING = Buffer.concat([encodeGreetingStart(), encodeGreetingRest('NULL', false)])

function read(...chunks: Uint8Array[]): { greeting: Greeting | undefined; used: number } {
  const reader = new GreetingReader()
  let used = 0
  for (const chunk of chunks) used += reader.read(chunk)
  return { greeting: reader.greeting, used }
}

describe('A greeting', () => {
  test('has the 64 bytes of RFC 37', () => {
    expect(NULL_GREETING.length).toBe(64)
    expect(NULL_GREETING.subarray(0, 10).toString('hex')).toBe('ff00000000000000017f')
    expect(NULL_GREETING.subarray(10, 12)).toEqual(Buffer.from([3, 1]))
    expect(NULL_GREETING.subarray(12, 32).toString('latin1')).toBe(`NULL${'\0'.repeat(16)}`)
    expect(NULL_GREETING.subarray(32).every(byte => byte === 0)).toBe(true)
    expect(encodeGreetingRest('CURVE', true)[32 - 11]).toBe(1)
  })

  test('begins with no more than a signature and a major version', () => {
    expect(encodeGreetingStart().length).toBe(11)
  })

  test('is read from any split, and no byte after it is touched', () => {
    const stream = Buffer.concat([NULL_GREETING, Buffer.from('frames')])
    const expected = { major: 3, minor: 1, mechanism: 'NULL', asServer: false }
    for (let at = 0; at <= 64; at++) {
      const { greeting, used } = read(stream.subarray(0, at), stream.subarray(at))
      expect(greeting, `cut at ${at}`).toEqual(expected)
      expect(used, `cut at ${at}`).toBe(64)
    }
  })

  test('is not there before its last byte', () => {
    for (let length = 0; length < 64; length++) {
      expect(read(NULL_GREETING.subarray(0, length)).greeting, `${length} bytes`).toBeUndefined()
    }
  })

  test('tells a 3.0 peer, a later 3.x one and a version to come from ours', () => {
    for (const [major, minor] of [
      [3, 0],
      [3, 2],
      [4, 0],
    ]) {
      const bytes = Buffer.from(NULL_GREETING)
      bytes[10] = major!
      bytes[11] = minor!
      expect(read(bytes).greeting).toMatchObject({ major: 3, minor })
    }
  })

  test('of a 2.0 peer ends with its version, so that the next byte is its socket type', () => {
    const stream = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 8, 0, 0])
    const { greeting, used } = read(stream)
    expect(greeting).toMatchObject({ major: 2, mechanism: 'NULL' })
    expect(used).toBe(11)
  })

  test('may have a length in its padding, as older peers write it', () => {
    const bytes = Buffer.from(NULL_GREETING)
    bytes.writeUInt32BE(0x01020304, 4)
    expect(read(bytes).greeting).toMatchObject({ major: 3 })
  })

  test('shows the as-server bit and a mechanism of full length', () => {
    const bytes = Buffer.concat([encodeGreetingStart(), encodeGreetingRest('ABCDEFGHIJKLMNOPQRST', true)])
    expect(read(bytes).greeting).toMatchObject({ mechanism: 'ABCDEFGHIJKLMNOPQRST', asServer: true })
  })

  test('is refused at the very byte that cannot be right', () => {
    const spoil = (at: number, byte: number) => {
      const bytes = Buffer.from(NULL_GREETING.subarray(0, at + 1))
      bytes[at] = byte
      return () => read(bytes)
    }
    expect(spoil(0, 0x47), 'GET / HTTP/1.1').toThrow(ProtocolError)
    expect(spoil(9, 0x7e)).toThrow('ZMTP 1.0')
    expect(spoil(10, 0)).toThrow('ZMTP 1.0')
    for (let at = 12; at < 32; at++) {
      for (const byte of [0x01, 0x20, 0x7f, 0xff]) expect(spoil(at, byte), `${at}`).toThrow(ProtocolError)
    }
  })
})
