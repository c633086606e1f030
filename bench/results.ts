/** What comes out: one result for each scenario, case, unit and system, with its ratio to the baseline of the same run. */
import type { Case, Figures } from './scenario.ts'
import { BASELINE, type System } from './systems.ts'

/** One JSON line. */
export interface Result {
  readonly scenario: string
  readonly transport: string | null
  readonly size: number | null
  readonly system: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  /** median / median of `zeromq`; null when that did not take part. For times and memory less is better. */
  readonly ratio: number | null
}

/** The rounds of each system, in the order in which they are shown. */
export function summarize(
  scenario: string,
  { transport, size }: Case,
  rounds: Map<System, Figures[]>,
): Result[] {
  const spreads = [...rounds].flatMap(([system, figures]) =>
    Object.keys(figures[0] ?? {}).map(unit => ({
      system: system.name,
      unit,
      ...spread(figures.map(round => round[unit]!)),
    })),
  )
  return spreads.map(({ system, unit, median, min, max }) => {
    const baseline = spreads.find(other => other.system === BASELINE && other.unit === unit)
    const ratio = baseline === undefined ? null : significant(median / baseline.median)
    return { scenario, transport, size, system, unit, median, min, max, ratio }
  })
}

function spread(samples: number[]): { median: number; min: number; max: number } {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median: significant(median), min: significant(sorted[0]!), max: significant(sorted.at(-1)!) }
}

/** Four digits: more would only pretend. */
function significant(value: number): number {
  return Number(value.toPrecision(4))
}
