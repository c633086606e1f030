/** Compares this build with another one, row by row and round by round, and says whether it may land. */
import type { Transport } from './ends/spec.ts'
import type { Measured } from './harness.ts'
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
}

const KIB = 1024
const MIB = 1024 * KIB
const RATE = 'msg/s'

const rates = (scenario: string, transport: Transport, ...sizes: number[]): GateRow[] =>
  sizes.map(size => ({ scenario, system: 'typedmq', transport, size, more: RATE }))

/** Fixed: a list that is chosen anew for each comparison proves nothing. */
export const GATE_ROWS: readonly GateRow[] = [
  ...rates('throughput', 'tcp', 16, 128, KIB, 16 * KIB, 256 * KIB, MIB),
  ...rates('throughput', 'ipc', 16, KIB, MIB),
  ...rates('throughput-connect', 'tcp', KIB, MIB),
  ...rates('inproc', 'inproc', 16),
  { scenario: 'throughput', system: 'typedmq-try', transport: 'tcp', size: 16, more: RATE },
  { scenario: 'inproc', system: 'typedmq-try', transport: 'inproc', size: 16, more: RATE },
  {
    scenario: 'latency',
    system: 'typedmq',
    transport: 'tcp',
    variant: 'pinned',
    less: ['us p50, pinned', 'us p99 cold, pinned'],
  },
  { scenario: 'fan-out', system: 'typedmq', transport: 'tcp', more: RATE },
  { scenario: 'fan-in', system: 'typedmq', transport: 'tcp', more: RATE },
  { scenario: 'peers', system: 'typedmq', transport: 'tcp', variant: '1000', more: 'msg/s, 1000 peers' },
  {
    scenario: 'topics',
    system: 'typedmq',
    transport: 'tcp',
    variant: '10000',
    more: 'msg/s, 10000 subscriptions',
  },
  { scenario: 'typed', system: 'typedmq', transport: 'tcp', more: RATE },
  ...rates('curve', 'tcp', KIB),
  {
    scenario: 'memory',
    system: 'typedmq',
    transport: 'tcp',
    variant: '1000',
    less: ['KB, 1000 connections'],
  },
  { scenario: 'start', system: 'typedmq', less: ['ms to import'] },
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

export function compare(row: GateRow, { scenario, case: { transport, size }, rounds }: Measured): Compared[] {
  const [own, other] = [...rounds.values()]
  const where = [
    scenario.name,
    row.system === 'typedmq' ? null : 'try',
    transport,
    size === null ? null : sizeInWords(size),
  ]
  const units = [...(row.more === undefined ? [] : [row.more]), ...(row.less ?? [])]
  return units.map(unit => {
    const ratios = own!.flatMap((figures, round) => {
      const [ours, theirs] = [figures?.[unit], other![round]?.[unit]]
      if (ours === undefined || theirs === undefined) return []
      return significant(unit === row.more ? ours / theirs : theirs / ours)
    })
    return { name: [...where, unit].filter(word => word !== null).join(' '), ratios, ...spread(ratios) }
  })
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
