/** Connection metadata: the layout of RFC 37, and every way it can be broken. */

import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { decodeMetadata, encodeMetadata } from '../../../src/wire/metadata.ts'
import { fc } from '../../support/property.ts'

const PROPERTIES = [
  ['Socket-Type', Buffer.from('DEALER')],
  ['Identity', Buffer.alloc(0)],
] as const

describe('Metadata', () => {
  test('have the layout of RFC 37', () => {
    expect(encodeMetadata(PROPERTIES)).toEqual(
      Buffer.from('\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0'),
    )
  })

  test('are read by lower-case name, for names are case-insensitive', () => {
    const read = decodeMetadata(Buffer.from('\x0bsOCKET-tYPE\0\0\0\x03REQ'))
    expect([...read]).toEqual([['socket-type', Buffer.from('REQ')]])
  })

  test('may be none at all', () => {
    expect(decodeMetadata(Buffer.alloc(0)).size).toBe(0)
  })

  test('survive writing and reading', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9._+-]{1,255}$/)
    const properties = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 400 })), {
      selector: ([key]) => key.toLowerCase(),
    })
    fc.assert(
      fc.property(properties, list => {
        const read = decodeMetadata(encodeMetadata(list))
        expect([...read]).toEqual(list.map(([key, value]) => [key.toLowerCase(), Buffer.from(value)]))
      }),
    )
  })

  test('cut at any offset are refused, except between two properties', () => {
    const whole = encodeMetadata(PROPERTIES)
    const between = encodeMetadata([PROPERTIES[0]]).length
    for (let length = 1; length < whole.length; length++) {
      if (length === between) expect(decodeMetadata(whole.subarray(0, length)).size).toBe(1)
      else expect(() => decodeMetadata(whole.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError)
    }
  })

  test('with a byte changed at any offset are read or refused, never worse', () => {
    const whole = encodeMetadata(PROPERTIES)
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(whole)
        bytes[at] = byte
        try {
          decodeMetadata(bytes)
        } catch (error) {
          expect(error, `${byte} at ${at}`).toBeInstanceOf(ProtocolError)
        }
      }
    }
  })

  test('with a value of four gigabytes are refused without an attempt to read it', () => {
    expect(() => decodeMetadata(Buffer.from('\x01a\xff\xff\xff\xffx', 'latin1'))).toThrow(ProtocolError)
  })

  test('with an empty or illegal name are refused', () => {
    for (const name of ['', ' ', 'a b', 'a=b', 'a\0', 'a\n', 'ä']) {
      const bytes = Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name, 'latin1'),
        Buffer.from([0, 0, 0, 0]),
      ])
      expect(() => decodeMetadata(bytes), JSON.stringify(name)).toThrow(ProtocolError)
    }
  })

  test('with the same name twice, in any case, are refused', () => {
    const twice = encodeMetadata([
      ['Identity', Buffer.from('a')],
      ['IDENTITY', Buffer.from('b')],
    ])
    expect(() => decodeMetadata(twice)).toThrow('identity twice')
  })

  test('of more than a hundred properties are refused: each costs memory, however short it is', () => {
    const properties = (count: number) =>
      encodeMetadata(Array.from({ length: count }, (_, number) => [`x-${number}`, Buffer.alloc(0)]))
    expect(decodeMetadata(properties(100)).size).toBe(100)
    expect(() => decodeMetadata(properties(101))).toThrow('more than 100 properties')
  })

  test('copy their values, so that the chunk they came in can go', () => {
    const bytes = encodeMetadata(PROPERTIES)
    const read = decodeMetadata(bytes)
    bytes.fill(0)
    expect(read.get('socket-type')).toEqual(Buffer.from('DEALER'))
  })
})
