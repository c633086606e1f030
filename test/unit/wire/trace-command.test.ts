import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../src/errors.ts'
import { decodeCommand } from '../../../src/wire/command.ts'
import { decodeClock, decodeTrace, encodeClock, encodeTrace } from '../../../src/wire/trace-command.ts'
import { fc } from '../../support/property.ts'

describe('TRACE and CLOCK', () => {
  test('say what they were told', () => {
    const stamp = { source: 2 ** 32 - 1, count: 7, produced: 1.25, queued: 1e9 }
    const trace = decodeCommand(encodeTrace(stamp))
    expect(trace.name).toBe('TRACE')
    expect(decodeTrace(trace.data)).toEqual(stamp)
    const clock = decodeCommand(encodeClock(12.5))
    expect(clock.name).toBe('CLOCK')
    expect(decodeClock(clock.data)).toBe(12.5)
  })

  test.each([-1, 1e13, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN])(
    'of the time %d are refused',
    time => {
      expect(() => decodeClock(decodeCommand(encodeClock(time)).data)).toThrow(
        /a CLOCK of the time .*; times are/,
      )
      for (const [produced, queued] of [
        [time, time],
        [0, time],
        [time, 1e14],
      ] as const) {
        const trace = encodeTrace({ source: 1, count: 2, produced, queued })
        expect(() => decodeTrace(decodeCommand(trace).data)).toThrow(ProtocolError)
      }
    },
  )

  test('of whatever bytes are read, or refused as a breach of the protocol', () => {
    const tried = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 24, maxLength: 24 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
    )
    fc.assert(
      fc.property(tried, bytes => {
        for (const decode of [decodeTrace, decodeClock]) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      }),
    )
  })
})
