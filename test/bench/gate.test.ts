/** What the comparison of two builds lets pass. */
import { expect, test } from 'vitest'
import { type Compared, compare, GATE_ROWS, gateTable, judge } from '../../bench/gate.ts'
import { scenarioNamed } from '../../bench/scenarios.ts'

const ROW = GATE_ROWS[0]!

const row = (...ratios: number[]): Compared => {
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(ratios.length / 2)]!
  return { name: 'a row', ratios, median, min: sorted[0]!, max: sorted.at(-1)! }
}

test('tells each unit by itself, and turns times so that more is better', () => {
  const rounds = [
    { 'msg/s': 0.9, 'us CPU': 0.5 },
    { 'msg/s': 1.1, 'us CPU': 2 },
    { 'msg/s': 1, 'us CPU': 1 },
  ]
  expect(compare(ROW, rounds)).toEqual([
    { name: 'throughput tcp 16 B msg/s', ratios: [0.9, 1.1, 1], median: 1, min: 0.9, max: 1.1 },
    { name: 'throughput tcp 16 B us CPU', ratios: [2, 0.5, 1], median: 1, min: 0.5, max: 2 },
  ])
})

test('passes a build that is as fast', () => {
  expect(judge([row(0.98, 1, 1.02), row(0.95, 0.99, 1.03)]).failures).toEqual([])
})

test('fails a row below 0.9 of which no round reaches 1', () => {
  const { failures } = judge([row(0.8, 0.85, 0.99), ...Array(20).fill(row(1, 1, 1))])
  expect(failures).toEqual(['a row is at 0.85, and no round reaches 1'])
})

test('lets a row below 0.9 pass when its spread reaches 1', () => {
  expect(judge([row(0.8, 0.85, 1.01), ...Array(20).fill(row(1, 1, 1))]).failures).toEqual([])
})

test('fails when the geometric mean of what users see, or of the costs, is below 0.97', () => {
  const cost = (ratio: number) => ({ ...row(ratio, ratio, ratio), name: 'a row us CPU' })
  const slow = judge([row(0.96, 0.96, 0.96), row(0.97, 0.97, 0.97), cost(1), cost(1)])
  expect([slow.mean, slow.costs]).toEqual([0.965, 1])
  expect(slow.failures).toEqual([
    'the geometric mean of all rows that users see is 0.965; it must be at least 0.97',
  ])
  const dear = judge([row(1, 1, 1), row(1, 1, 1), cost(0.96)])
  expect(dear.failures).toEqual(['the geometric mean of all costs is 0.96; it must be at least 0.97'])
})

test('fails a row of which a round could not be measured', () => {
  const good = { 'msg/s': 1, 'us CPU': 1 }
  const some = judge(compare(ROW, [good, undefined, good]))
  expect(some.failures).toContain('throughput tcp 16 B msg/s could not be measured in 1 of 3 rounds')
  const none = compare(ROW, [undefined, undefined])
  expect(judge(none).failures).toContain('throughput tcp 16 B us CPU could not be measured in 2 of 2 rounds')
  expect(gateTable(none)).toContain('| -     | -      | failed failed |')
})

test.each([NaN, Infinity, 0, -1])('takes a ratio of %s for a round that failed', ratio => {
  const [rate] = compare(ROW, [{ 'msg/s': ratio, 'us CPU': 1 }])
  expect(rate!.ratios).toEqual([undefined])
})

test('shows every round', () => {
  expect(gateTable([row(0.9, 1, 1.1)])).toContain('| a row | 1     | 0.9-1.1 | 0.9 1 1.1 |')
})

test('names cases that exist', () => {
  for (const { scenario, transport, size, variant } of GATE_ROWS) {
    const { cases, sizes, transports } = scenarioNamed(scenario)
    const all = cases(transport ?? transports[0] ?? null, size ?? sizes[0] ?? null)
    expect(all.filter(one => variant === undefined || one.variant === variant)).toHaveLength(1)
  }
})
