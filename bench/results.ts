/** What comes out: one result for each scenario, case, unit and system, with its ratio to the baseline of the same run. */
import type { Measured } from './harness.ts'
import type { Load } from './load.ts'
import { type Figures, UNSETTLED } from './scenario.ts'
import { BASELINE } from './systems.ts'

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
  /** Rounds that were measured before their rate had settled. */
  readonly unsettled: number
  /** What the host stole and other processes took while the case was measured, from 0 to 1; null where it cannot be seen. */
  readonly load: Load | null
}

/** The rounds of each system, in the order in which they are shown. */
export function summarize({ scenario, case: { transport, size }, rounds, load }: Measured): Result[] {
  const spreads = [...rounds].flatMap(([system, all]) => {
    const figures = all.filter(round => round !== undefined)
    const unsettled = figures.filter(round => UNSETTLED in round).length
    return unitsOf(figures).map(unit => {
      const samples = figures.flatMap(round => round[unit] ?? [])
      return { system: system.name, unit, unsettled, ...spread(samples) }
    })
  })
  return spreads.map(({ system, unit, median, min, max, unsettled }) => {
    const baseline = spreads.find(other => other.system === BASELINE && other.unit === unit)
    const ratio = baseline === undefined ? null : significant(median / baseline.median)
    return {
      scenario: scenario.name,
      transport,
      size,
      system,
      unit,
      median,
      min,
      max,
      ratio,
      unsettled,
      load: load === undefined ? null : rounded(load),
    }
  })
}

/** A round may lack what its end could not tell. */
function unitsOf(figures: readonly Figures[]): string[] {
  return [...new Set(figures.flatMap(round => Object.keys(round)))].filter(unit => unit !== UNSETTLED)
}

export function spread(samples: readonly number[]): { median: number; min: number; max: number } {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median: significant(median), min: significant(sorted[0]!), max: significant(sorted.at(-1)!) }
}

function rounded({ steal, foreign }: Load): Load {
  return { steal: significant(steal), foreign: significant(foreign) }
}

/** Four digits: more would only pretend. */
export function significant(value: number): number {
  return Number(value.toPrecision(4))
}
