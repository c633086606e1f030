/** The rows that users ask about first: ten, and five of them in a picture of ten bars. */
import type { Result } from '../results.ts'
import { BASELINE } from '../systems.ts'

const KIB = 1024
const MIB = 1024 * KIB

const ROWS: readonly (Partial<Pick<Result, 'scenario' | 'transport' | 'size' | 'unit'>> & {
  readonly label: string
  readonly pictured?: boolean
})[] = [
  { pictured: true, label: 'tcp, 16 B', scenario: 'throughput', transport: 'tcp', size: 16 },
  { pictured: true, label: 'tcp, 1 KiB', scenario: 'throughput', transport: 'tcp', size: KIB },
  { label: 'tcp, 16 KiB', scenario: 'throughput', transport: 'tcp', size: 16 * KIB },
  { pictured: true, label: 'tcp, 1 MiB', scenario: 'throughput', transport: 'tcp', size: MIB },
  { label: 'ipc, 16 B', scenario: 'throughput', transport: 'ipc', size: 16 },
  { label: 'ipc, 1 MiB', scenario: 'throughput', transport: 'ipc', size: MIB },
  { label: 'within a process, 16 B', scenario: 'inproc', size: 16 },
  { pictured: true, label: 'an object, with MessagePack', scenario: 'typed' },
  { label: 'one publisher, ten subscribers', scenario: 'fan-out' },
  {
    pictured: true,
    label: 'request and reply, on one core',
    scenario: 'latency',
    transport: 'tcp',
    unit: 'us p50, pinned',
  },
]

export interface Headline {
  readonly label: string
  readonly own: Result
  readonly zeromq: Result
  readonly libzmq: Result | undefined
}

/** Rows that were not measured are left out. */
export function headlines(results: readonly Result[], onlyPictured = false): Headline[] {
  return ROWS.filter(row => !onlyPictured || row.pictured).flatMap(({ label, pictured: _, ...row }) => {
    const wanted = { unit: 'msg/s', ...row }
    const of = (system: string) =>
      results.find(
        result =>
          result.system === system &&
          Object.entries(wanted).every(([name, value]) => result[name as keyof Result] === value),
      )
    const [own, zeromq] = [of('typedmq'), of(BASELINE)]
    return own === undefined || zeromq === undefined ? [] : [{ label, own, zeromq, libzmq: of('libzmq-c') }]
  })
}

/** How many times as fast as the native binding; of a time it is the inverse of the ratio. */
export function advantage({ ratio, unit }: Result): number {
  return unit.startsWith('us ') ? 1 / ratio! : ratio!
}
