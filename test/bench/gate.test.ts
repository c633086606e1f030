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

test('fails when the geometric mean is below 0.97', () => {
  const { mean, failures } = judge([row(0.96, 0.96, 0.96), row(0.97, 0.97, 0.97)])
  expect(mean).toBe(0.965)
  expect(failures).toEqual(['the geometric mean is 0.965; it must be at least 0.97'])
})

test('fails a row that could not be measured', () => {
  expect(judge([{ ...row(1, 1, 1), ratios: [] }, row(1, 1, 1)]).failures).toEqual([
    'a row could not be measured',
  ])
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
