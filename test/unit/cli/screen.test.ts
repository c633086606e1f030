/** Tables, bars, histograms and figures. */

import { describe, expect, test } from 'vitest'
import { describeError, EXIT, ExitError, exitCodeOf, oneLine } from '../../../src/cli/exit.ts'
import { duration, whole } from '../../../src/cli/options.ts'
import { lookOf, paint, render } from '../../../src/cli/paint.ts'
import { bar, figure, histogram, short, table } from '../../../src/cli/screen.ts'
import { AddressError, TimeoutError } from '../../../src/index.ts'

test('tables put numbers to the right and words to the left', () => {
  expect(
    table([
      ['NAME', 'RATE'],
      ['a', '1'],
      ['long name', '1.2k'],
    ]),
  ).toEqual(['NAME       RATE', 'a             1', 'long name  1.2k'])
  expect(table([['NAME', 'RATE']])).toEqual(['NAME  RATE'])
})

test('bars are as wide as they should be, also beyond their ends', () => {
  expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4), bar(-1, 4)]).toEqual([
    '░░░░',
    '██░░',
    '████',
    '████',
    '░░░░',
  ])
})

describe('histograms', () => {
  test('count every value once', () => {
    const rows = histogram([1, 2, 3, 50, 100], 4, 10)
    expect(rows).toHaveLength(4)
    expect(rows.map(row => Number(row.split(' ').at(-1))).reduce((sum, count) => sum + count)).toBe(5)
  })

  test('are no trouble without values, or with one value only', () => {
    expect(histogram([], 2, 4)).toHaveLength(2)
    expect(histogram([5, 5, 5], 2, 4)[0]).toMatch(/████ {2}3$/)
  })
})

test('figures have three digits that matter', () => {
  expect([0, 0.01234, 1.234, 12.34, 1234.5, 1e6].map(figure)).toEqual([
    '0',
    '0.0123',
    '1.23',
    '12.3',
    '1,235',
    '1,000,000',
  ])
  expect([0, 7, 999, 1000, 1234, 99_950, 1e6].map(short)).toEqual([
    '0',
    '7',
    '999',
    '1k',
    '1.2k',
    '100k',
    '1M',
  ])
})

test('durations are seconds unless they say ms', () => {
  expect(['0.5', '2s', '250ms', '.1'].map(duration)).toEqual([500, 2000, 250, 100])
  for (const wrong of ['', 'soon', '-1', '1m', '1e3', '99999999'])
    expect(() => duration(wrong)).toThrow('seconds')
  expect(whole(0)('0')).toBe(0)
  for (const wrong of ['', '1.5', '-1', '0x10', ' 1']) expect(() => whole(0)(wrong)).toThrow('whole number')
})

test('colours need a terminal, and NO_COLOR turns them off', () => {
  const red = (stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv) =>
    render(paint('red', 'x'), lookOf(stream, environment))
  expect(red({ isTTY: true }, {})).toBe('\x1b[31mx\x1b[39m')
  expect(red({ isTTY: true }, { NO_COLOR: '' })).not.toBe('x')
  expect(red({ isTTY: true }, { NO_COLOR: '1' })).toBe('x')
  expect(red({ isTTY: true }, { TERM: 'dumb' })).toBe('x')
  expect(red({}, {})).toBe('x')
})

test('errors are one line without control characters, and each has its code', () => {
  expect(describeError(new Error('a\n  b\x1b[2J'))).toBe('a b\ufffd[2J')
  expect(oneLine('tab\there')).toBe('tab\ufffdhere')
  expect(describeError('thrown')).toBe('thrown')
  expect(exitCodeOf(new TimeoutError('x'))).toBe(EXIT.timeout)
  expect(exitCodeOf(new AddressError('y', 'x'))).toBe(EXIT.endpoint)
  expect(exitCodeOf(new ExitError(130, ''))).toBe(130)
  expect(exitCodeOf(new Error('x'))).toBe(EXIT.failed)
})
