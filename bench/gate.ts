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

/** The geometric mean of all rows must reach this. */
const LEAST_MEAN = 0.97
/** A row below this fails unless one of its rounds reaches 1. */
const LEAST_ROW = 0.9

/** One unit of a row. Ratios are this build to the other one, turned so that more is better. */
export interface Compared {
  readonly name: string
  /** In the order of the rounds; a round in which either build failed has none. */
  readonly ratios: readonly number[]
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Verdict {
  readonly mean: number
  /** Why this build may not land; empty when it may. */
  readonly failures: readonly string[]
}

/** One for each unit; a unit that no round could measure has no ratios. */
export function compare(row: GateRow, rounds: readonly Ratios[]): Compared[] {
  return unitsOf(row).map(unit => {
    const ratios = rounds.flatMap(round => {
      const ratio = round[unit]
      if (ratio === undefined) return []
      return significant(unit === row.more ? ratio : 1 / ratio)
    })
    return { name: `${nameOf(row)} ${unit}`, ratios, ...spread(ratios) }
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
  const measured = rows.filter(({ ratios }) => ratios.length > 0)
  const mean = Math.exp(measured.reduce((sum, { median }) => sum + Math.log(median), 0) / measured.length)
  const failures = rows.flatMap(({ name, ratios, median, max }) => {
    if (ratios.length === 0) return [`${name} could not be measured`]
    return median < LEAST_ROW && max < 1 ? [`${name} is at ${median}, and no round reaches 1`] : []
  })
  if (mean < LEAST_MEAN)
    failures.unshift(`the geometric mean is ${significant(mean)}; it must be at least ${LEAST_MEAN}`)
  return { mean: significant(mean), failures }
}

/** Every round of every row. */
export function gateTable(rows: readonly Compared[]): string {
  return markdown(
    ['row', 'ratio', 'spread', 'rounds'],
    rows.map(({ name, median, min, max, ratios }) => [
      name,
      short(median),
      `${short(min)}-${short(max)}`,
      ratios.map(short).join(' '),
    ]),
  )
}
