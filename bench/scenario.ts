/** What a scenario is: the cases it is made of, and who takes part. One file a scenario in scenarios/. */
import type { Timing } from './course.ts'
import type { Transport } from './ends/spec.ts'
import type { Pairing, Work } from './exchange.ts'
import type { System } from './systems.ts'

/** Units to figures; the unit names the variant where a scenario has several: "us p50, pinned". */
export type Figures = Readonly<Record<string, number>>

/** The unit of runs that were measured before their rate had settled: 1 for such a run. */
export const UNSETTLED = 'unsettled'

/** Two ends that send and receive as fast as they go. */
export interface FlowSetup {
  readonly pairing: Pairing
  readonly work: Work
  /** Milliseconds of warm-up more than usual. */
  readonly extraWarmUp: number
  /** Of the rate: "msg/s", and what names the variant. */
  readonly unit: string
}

export interface Case {
  readonly transport: Transport | null
  readonly size: number | null
  /** Which one of several cases with the same transport and size. */
  readonly variant?: string | undefined
  /** Why this machine cannot run it; undefined: it can. */
  readonly missing?: string | undefined
  /** Present where a run is a flow of messages, which can be measured in turns with another one. */
  readonly flow?: FlowSetup | undefined
  measure(system: System, timing: Timing): Promise<Figures>
}

export interface Scenario {
  readonly name: string
  /** One sentence for the report. */
  readonly about: string
  readonly systems: readonly string[]
  /** Choices; without one the first transport and all sizes. Empty where the scenario has no such choice. */
  readonly transports: readonly Transport[]
  readonly sizes: readonly number[]
  /** For one of each; with an empty list it gets null. */
  cases(transport: Transport | null, size: number | null): readonly Case[]
}
