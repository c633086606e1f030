/** What the comparison of two builds lets pass. */
import { expect, test } from 'vitest'
import { type Compared, compare, GATE_ROWS, gateTable, judge } from '../../bench/gate.ts'
import type { Measured } from '../../bench/harness.ts'
import type { Figures } from '../../bench/scenario.ts'
import { scenarioNamed } from '../../bench/scenarios.ts'
import { systemNamed } from '../../bench/systems.ts'

const ROW = GATE_ROWS[0]!

function measured(
  ours: readonly (Figures | undefined)[],
  theirs: readonly (Figures | undefined)[],
): Measured {
  const scenario = scenarioNamed('throughput')
  const [one] = scenario.cases('tcp', 16)
  const rounds = new Map([
    [systemNamed('typedmq'), ours],
    [systemNamed('typedmq@elsewhere'), theirs],
  ])
  return { scenario, case: one!, rounds, load: undefined }
}

const row = (...ratios: number[]): Compared => {
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(ratios.length / 2)]!
  return { name: 'a row', ratios, median, min: sorted[0]!, max: sorted.at(-1)! }
}

test('compares round by round, and turns times so that more is better', () => {
  const rates = measured(
    [{ 'msg/s': 90 }, { 'msg/s': 110 }, { 'msg/s': 100 }],
    Array(3).fill({ 'msg/s': 100 }),
  )
  expect(compare(ROW, rates)).toEqual([
    { name: 'throughput tcp 16 B msg/s', ratios: [0.9, 1.1, 1], median: 1, min: 0.9, max: 1.1 },
  ])
  const times = measured([{ us: 20 }], [{ us: 10 }])
  expect(compare({ scenario: 'latency', system: 'typedmq', less: ['us'] }, times)[0]!.ratios).toEqual([0.5])
})

test('leaves out a round in which either build failed', () => {
  const some = measured([undefined, { 'msg/s': 50 }], [{ 'msg/s': 100 }, { 'msg/s': 100 }])
  expect(compare(ROW, some)[0]!.ratios).toEqual([0.5])
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
