/** Command bodies: the layout of RFC 37, and nothing but ProtocolError for anything else. */

import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import {
  decodeCommand,
  decodeError,
  decodePing,
  encodeCommand,
  encodeError,
  encodePing,
} from '../../../src/wire/command.ts'
import { fc } from '../../support/property.ts'

describe('A command', () => {
  test('is the length of its name, its name and its data', () => {
    const body = encodeCommand('READY', Buffer.from('ab'), Buffer.from('c'))
    expect(Buffer.from(body)).toEqual(Buffer.from('\x05READYabc'))
    const { name, data } = decodeCommand(body)
    expect(name).toBe('READY')
    expect(Buffer.from(data).toString()).toBe('abc')
  })

  test('survives writing and reading with any data', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{1,20}$/), fc.uint8Array(), (name, data) => {
        const decoded = decodeCommand(encodeCommand(name, data))
        expect(decoded.name).toBe(name)
        expect(Buffer.from(decoded.data)).toEqual(Buffer.from(data))
      }),
    )
  })

  test('is read in place when it is a part of a larger buffer', () => {
    const around = Buffer.concat([
      Buffer.from('xx'),
      encodeCommand('PONG', Buffer.from('d')),
      Buffer.from('y'),
    ])
    const { name, data } = decodeCommand(new Uint8Array(around.buffer, around.byteOffset + 2, 6))
    expect([name, Buffer.from(data).toString()]).toEqual(['PONG', 'd'])
  })

  test('of a name alone is whole, as CANCEL of the empty prefix is', () => {
    expect(decodeCommand(encodeCommand('CANCEL')).data.length).toBe(0)
  })

  test('cut at any place within its name is refused', () => {
    const body = encodeCommand('SUBSCRIBE')
    for (let length = 0; length < body.length; length++) {
      expect(() => decodeCommand(body.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError)
    }
  })

  test('without a name is refused', () => {
    expect(() => decodeCommand(Buffer.from([0, 1, 2]))).toThrow(ProtocolError)
  })
})

describe('PING', () => {
  test('carries a time-to-live of 0 and its context', () => {
    expect(Buffer.from(encodePing(Buffer.from('ctx')))).toEqual(Buffer.from('\x04PING\0\0ctx'))
  })

  test('gives its context back, up to 16 bytes', () => {
    for (let length = 0; length <= 16; length++) {
      const { data } = decodeCommand(encodePing(Buffer.alloc(length, 'c')))
      expect(Buffer.from(decodePing(data))).toEqual(Buffer.alloc(length, 'c'))
    }
  })

  test('is refused without a time-to-live and with a longer context', () => {
    for (const length of [0, 1, 19, 200])
      expect(() => decodePing(Buffer.alloc(length))).toThrow(ProtocolError)
  })
})

describe('ERROR', () => {
  test('carries its reason after a length', () => {
    expect(Buffer.from(encodeError('400'))).toEqual(Buffer.from('\x05ERROR\x03400'))
    expect(decodeError(decodeCommand(encodeError('no entry')).data)).toBe('no entry')
  })

  test('cuts a reason that does not fit', () => {
    expect(decodeError(decodeCommand(encodeError('x'.repeat(300))).data)).toBe('x'.repeat(255))
  })

  test('of a stranger is read whatever it holds, and is harmless in a log', () => {
    expect(decodeError(Buffer.alloc(0))).toBe('')
    expect(decodeError(Buffer.from('\xffshort', 'latin1'))).toBe('short')
    expect(decodeError(Buffer.from('\x05\x1b[2J\nlonger'))).toBe('?[2J?')
  })
})
