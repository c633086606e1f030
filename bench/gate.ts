/** Compares this build with another one, row by row and round by round, and says whether it may land. */

import { COST, type Ratios } from './duel.ts'
import type { Transport } from './ends/spec.ts'
import { markdown, short, sizeInWords } from './report/table.ts'
import { significant, spread } from './results.ts'

/** One measurement of the gate, and which of its units are judged. */
export interface GateRow {
  readonly scenario: string
  readonly system: 'typedmq' | 'typedmq-try'
  readonly transport?: Transport
  readonly size?: number
  readonly variant?: string
  readonly more?: string
  /** Units of which less is better. */
  readonly less?: readonly string[]
  /** How many pairs of runs make one round, where runs are no flows. Default 3. */
  readonly pairs?: number
}

const KIB = 1024
const MIB = 1024 * KIB
const RATE = 'msg/s'

const flow = { system: 'typedmq', transport: 'tcp', more: RATE, less: [COST] } as const

const sized = (scenario: string, transport: Transport, ...sizes: number[]): GateRow[] =>
  sizes.map(size => ({ ...flow, scenario, transport, size }))

/** Fixed: a list that is chosen anew for each comparison proves nothing. */
export const GATE_ROWS: readonly GateRow[] = [
  ...sized('throughput', 'tcp', 16, KIB, 16 * KIB, 256 * KIB, MIB),
  ...sized('throughput', 'ipc', 16, MIB),
  ...sized('throughput-connect', 'tcp', MIB),
  ...sized('inproc', 'inproc', 16),
  { ...flow, scenario: 'throughput', system: 'typedmq-try', size: 16 },
  { ...flow, scenario: 'inproc', system: 'typedmq-try', transport: 'inproc', size: 16 },
  {
    scenario: 'latency',
    system: 'typedmq',
    transport: 'tcp',
    variant: 'pinned',
    less: ['us p50, pinned', 'us p99 cold, pinned'],
  },
  { ...flow, scenario: 'fan-out' },
  { ...flow, scenario: 'fan-in' },
  { ...flow, scenario: 'peers', variant: '1000', more: 'msg/s, 1000 peers' },
  { ...flow, scenario: 'topics', variant: '10000', more: 'msg/s, 10000 subscriptions' },
  { ...flow, scenario: 'typed' },
  ...sized('curve', 'tcp', KIB),
  {
    scenario: 'memory',
    system: 'typedmq',
    transport: 'tcp',
    variant: '1000',
    less: ['KB, 1000 connections'],
    pairs: 1,
  },
  { scenario: 'start', system: 'typedmq', less: ['ms to import'], pairs: 9 },
]

/** Each geometric mean must reach this. */
const LEAST_MEAN = 0.97
/** A row below this fails unless one of its rounds reaches 1. */
const LEAST_ROW = 0.9

/** One unit of a row. Ratios are this build to the other one, inverted where less is better. */
export interface Compared {
  readonly name: string
  /** In the order of the rounds; undefined for one in which either build failed. */
  readonly ratios: readonly (number | undefined)[]
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Verdict {
  /** Geometric means: of what users see, and of what a message costs. One would hide the other, for most rows have both. */
  readonly mean: number
  readonly costs: number
  /** Why this build may not land; empty when it may. */
  readonly failures: readonly string[]
}

/** One for each unit. */
export function compare(row: GateRow, rounds: readonly (Ratios | undefined)[]): Compared[] {
  return unitsOf(row).map(unit => {
    const ratios = rounds.map(round => {
      const ratio = round?.[unit]
      // A figure of nothing, such as memory that has shrunk, compares with nothing.
      if (ratio === undefined || !Number.isFinite(ratio) || ratio <= 0) return undefined
      return significant(unit === row.more ? ratio : 1 / ratio)
    })
    const measured = ratios.filter(ratio => ratio !== undefined)
    const shown = measured.length === 0 ? { median: NaN, min: NaN, max: NaN } : spread(measured)
    return { name: `${nameOf(row)} ${unit}`, ratios, ...shown }
  })
}

/** What is measured, without its units. */
export function nameOf({ scenario, system, transport, size }: GateRow): string {
  const words = [scenario, system === 'typedmq' ? undefined : 'try', transport]
  if (size !== undefined) words.push(sizeInWords(size))
  return words.filter(word => word !== undefined).join(' ')
}

function unitsOf({ more, less = [] }: GateRow): readonly string[] {
  return more === undefined ? less : [more, ...less]
}

export function judge(rows: readonly Compared[]): Verdict {
  const isCost = ({ name }: Compared) => name.endsWith(COST)
  const mean = geometricMean(rows.filter(row => !isCost(row)))
  const costs = geometricMean(rows.filter(isCost))
  const means = [
    ['all rows that users see', mean],
    ['all costs', costs],
  ] as const
  const failures = means.flatMap(([of, one]) =>
    one >= LEAST_MEAN ? [] : [`the geometric mean of ${of} is ${one}; it must be at least ${LEAST_MEAN}`],
  )
  for (const { name, ratios, median, max } of rows) {
    const failed = ratios.filter(ratio => ratio === undefined).length
    if (failed > 0) failures.push(`${name} could not be measured in ${failed} of ${ratios.length} rounds`)
    else if (median < LEAST_ROW && max < 1) failures.push(`${name} is at ${median}, and no round reaches 1`)
  }
  return { mean, costs, failures }
}

/** Of no rows it is 1. */
function geometricMean(rows: readonly Compared[]): number {
  const medians = rows.map(({ median }) => median).filter(median => !Number.isNaN(median))
  const sum = medians.reduce((sum, median) => sum + Math.log(median), 0)
  return significant(Math.exp(sum / Math.max(1, medians.length)))
}

/** Every round of every row. */
export function gateTable(rows: readonly Compared[]): string {
  return markdown(
    ['row', 'ratio', 'spread', 'rounds'],
    rows.map(({ name, median, min, max, ratios }) => [
      name,
      Number.isNaN(median) ? '-' : short(median),
      Number.isNaN(median) ? '-' : `${short(min)}-${short(max)}`,
      ratios.map(ratio => (ratio === undefined ? 'failed' : short(ratio))).join(' '),
    ]),
  )
}
