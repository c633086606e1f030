/** The engines that the conformance suite runs on, and what each is known not to do. */

import { defaultEngine } from '../../src/engine/default.ts'
import type { Engine } from '../../src/engine/engine.ts'

/** What a rule of the suite may need besides the seam itself. */
export type Capability =
  /** Marks hold exactly, in messages. */
  | 'exact-marks'
  /** Marks in bytes. */
  | 'byte-marks'
  /** What was taken and has not begun to be written can go elsewhere, be revoked, be dropped oldest first. */
  | 're-routing'
  | 'drop-oldest'
  /** A request that is on its way when its peer goes is reported as lost. */
  | 'lost-requests'
  /** `subscribed` knows which peer holds which subscription. */
  | 'subscribers-by-peer'
  /** `ready` waits until the subscriptions have arrived. */
  | 'ready-by-ping'
  /** `close` reports what was flushed and dropped. */
  | 'close-report'
  /** Drops are counted. */
  | 'drop-counts'
  /** Traffic is counted for each peer and direction. */
  | 'peer-traffic'
  /** The refused side of a clash or an illegal pair learns of it by an event. */
  | 'refusal-events'
  | 'least-queued'
  /** No bound on what a peer may be sent: subscriptions, parts. */
  | 'limits'

export interface EngineUnderTest {
  readonly name: string
  readonly engine: Engine
  /** Known differences, each with its reason: rules that need one of these are listed as skipped, with the reason. */
  readonly lacks: { readonly [Name in Capability]?: string }
}

export const zmtp: EngineUnderTest = { name: 'zmtp', engine: defaultEngine, lacks: {} }

/** Two engines, one at each end. */
export interface EnginePair {
  readonly near: EngineUnderTest
  readonly far: EngineUnderTest
}

export function pairName({ near, far }: EnginePair): string {
  return near === far ? near.name : `${near.name} with ${far.name}`
}

/** Why the pair cannot keep a rule, or undefined when it can. */
export function differenceOf({ near, far }: EnginePair, needs: readonly Capability[]): string | undefined {
  for (const { name, lacks } of [near, far]) {
    for (const need of needs) if (lacks[need] !== undefined) return `${name}: ${lacks[need]}`
  }
  return undefined
}
