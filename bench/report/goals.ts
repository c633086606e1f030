/** What the library is to reach, so that nobody loses it unnoticed: the report holds each beside what was measured. */
import type { Result } from '../results.ts'
import { markdown, short } from './table.ts'

interface Goal {
  readonly work: string
  readonly scenario: string
  readonly transport?: string
  readonly size?: number
  readonly unit: string
  readonly system?: string
  /** What the figure is divided by: a system, the same system's other unit, or nothing. Default `zeromq`. */
  readonly against?: { readonly system?: string; readonly unit?: string } | 'nothing'
  readonly atLeast?: number
  readonly atMost?: number
}

const KIB = 1024
const MIB = 1024 * KIB
const RATE = 'msg/s'

const sizes = (
  scenario: string,
  transport: string,
  goals: readonly [size: number, atLeast: number][],
): Goal[] =>
  goals.map(([size, atLeast]) => ({
    work: `${scenario} ${transport}, ${size < KIB ? `${size} B` : size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`}`,
    scenario,
    transport,
    size,
    unit: RATE,
    atLeast,
  }))

const GOALS: readonly Goal[] = [
  ...sizes('throughput', 'tcp', [
    [16, 10],
    [128, 7.5],
    [KIB, 4],
    [16 * KIB, 1.3],
    [256 * KIB, 0.9],
    [MIB, 0.75],
  ]),
  ...sizes('throughput-connect', 'tcp', [
    [256 * KIB, 1],
    [MIB, 0.9],
  ]),
  {
    work: 'trySend / receiveMany, 16 B',
    scenario: 'throughput',
    transport: 'tcp',
    size: 16,
    unit: RATE,
    system: 'typedmq-try',
    atLeast: 16,
  },
  ...sizes('throughput', 'ipc', [
    [16, 10],
    [KIB, 3.2],
    [MIB, 0.55],
  ]),
  { work: 'typed object, msgpack both ends', scenario: 'typed', transport: 'tcp', unit: RATE, atLeast: 3 },
  { work: 'inproc, 16 B, await', scenario: 'inproc', size: 16, unit: RATE, atLeast: 20 },
  {
    work: 'inproc, 16 B, trySend / receiveMany',
    scenario: 'inproc',
    size: 16,
    unit: RATE,
    system: 'typedmq-try',
    atLeast: 20,
  },
  {
    work: 'round trip p50, pinned',
    scenario: 'latency',
    transport: 'tcp',
    unit: 'us p50, pinned',
    atMost: 0.5,
  },
  {
    work: 'round trip p50, pinned, to raw net',
    scenario: 'latency',
    transport: 'tcp',
    unit: 'us p50, pinned',
    against: { system: 'raw' },
    atMost: 1.5,
  },
  {
    work: 'round trip p99 cold, pinned',
    scenario: 'latency',
    transport: 'tcp',
    unit: 'us p99 cold, pinned',
    atMost: 1,
  },
  { work: 'PUB to 10 SUB, 128 B', scenario: 'fan-out', transport: 'tcp', unit: RATE, atLeast: 8 },
  {
    work: '1,000 pushers, to one',
    scenario: 'peers',
    unit: 'msg/s, 1000 peers',
    against: { unit: 'msg/s, 1 peers' },
    atLeast: 0.8,
  },
  {
    work: '10,000 subscriptions, to one',
    scenario: 'topics',
    unit: 'msg/s, 10000 subscriptions',
    against: { unit: 'msg/s, 1 subscriptions' },
    atLeast: 0.5,
  },
  {
    work: 'KB an idle connection, at 10,000',
    scenario: 'memory',
    unit: 'KB, 10000 connections',
    against: 'nothing',
    atMost: 10,
  },
  {
    work: 'longest event-loop gap in ms, 16 B',
    scenario: 'gap',
    size: 16,
    unit: 'ms longest gap',
    against: 'nothing',
    atMost: 20,
  },
  { work: 'import in ms', scenario: 'start', unit: 'ms to import', against: 'nothing', atMost: 30 },
  {
    work: 'size of the core in KB, minified and gzipped',
    scenario: 'size',
    unit: 'KB',
    against: 'nothing',
    atMost: 40,
  },
]

/** A Markdown table; goals that were not measured are left out. */
export function goalTable(results: readonly Result[]): string {
  const rows = GOALS.flatMap(goal => {
    const measured = figure(goal, results)
    if (measured === undefined) return []
    const { atLeast, atMost } = goal
    const reached = atLeast === undefined ? measured <= atMost! : measured >= atLeast
    const times = goal.against === 'nothing' ? '' : 'x'
    const wanted = atLeast === undefined ? `at most ${atMost}${times}` : `at least ${atLeast}${times}`
    return [[goal.work, wanted, `${short(measured)}${times}`, reached ? 'yes' : '**no**']]
  })
  return markdown(['work', 'goal', 'measured', 'reached'], rows)
}

function figure(goal: Goal, results: readonly Result[]): number | undefined {
  const find = (system: string, unit: string) =>
    results.find(
      result =>
        result.scenario === goal.scenario &&
        (goal.transport ?? result.transport) === result.transport &&
        (goal.size ?? result.size) === result.size &&
        result.system === system &&
        result.unit === unit,
    )?.median
  const own = goal.system ?? 'typedmq'
  const measured = find(own, goal.unit)
  if (measured === undefined || goal.against === 'nothing') return measured
  const { against = { system: 'zeromq' } } = goal
  const base = find(against.system ?? own, against.unit ?? goal.unit)
  return base === undefined ? undefined : measured / base
}
