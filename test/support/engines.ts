/** The engines that the conformance suite runs on, and what each is known not to do. */

import { defaultEngine } from '../../src/engine/default.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { libzmq as openLibzmq } from '../../src/engine/libzmq/index.ts'

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
  /** The handshake tells the type and the routing id of each peer. */
  | 'peer-details'
  /** Peers that came through an endpoint stay when it is unbound. */
  | 'unbind-keeps-peers'
  /** A Router knows at once whom it can reach, and lets go of whom it cannot. */
  | 'router-outcomes'
  /** A disconnection has reached the peer before what follows it. */
  | 'prompt-disconnect'
  /** With `immediate` nothing is queued before there is a peer. */
  | 'immediate'
  /** What the kernel holds when a peer hangs up is still received. */
  | 'hang-up'
  | 'least-queued'
  /** The path of messages is measured. */
  | 'trace'
  /** No bound on what a peer may be sent: subscriptions, parts. */
  | 'limits'

export interface EngineUnderTest {
  readonly name: string
  readonly engine: Engine
  /** Known differences, each with its reason: rules that need one of these are listed as skipped, with the reason. */
  readonly lacks: { readonly [Name in Capability]?: string }
}

export const zmtp: EngineUnderTest = { name: 'zmtp', engine: defaultEngine, lacks: {} }

const NOT_TOLD = 'libzmq does not tell'
const NO_LIMIT = 'libzmq has no such limit'

export const libzmq: EngineUnderTest = {
  name: 'libzmq',
  engine: openLibzmq(),
  lacks: {
    'exact-marks': 'libzmq gives room back in halves, and some messages are read ahead',
    'byte-marks': NO_LIMIT,
    're-routing': 'what libzmq has taken stays with its peer',
    'drop-oldest': 'libzmq drops the newest only',
    'lost-requests': NOT_TOLD,
    'subscribers-by-peer': NOT_TOLD,
    'ready-by-ping': NOT_TOLD,
    'close-report': NOT_TOLD,
    'drop-counts': NOT_TOLD,
    'peer-traffic': NOT_TOLD,
    'refusal-events': 'libzmq hangs up without saying why',
    'peer-details': NOT_TOLD,
    'unbind-keeps-peers': 'libzmq ends the connections of the endpoint',
    'router-outcomes':
      'libzmq answers later, and keeps what it has queued for a peer that has gone until linger is over',
    'prompt-disconnect': 'libzmq disconnects in the background',
    'least-queued': 'libzmq deals in turn only',
    trace: 'libzmq keeps its queues and its commands to itself',
    limits: NO_LIMIT,
  },
}

/** Over ipc there is one difference more. */
export const libzmqOverIpc: EngineUnderTest = {
  ...libzmq,
  lacks: {
    ...libzmq.lacks,
    'hang-up': 'at its mark libzmq loses what the kernel holds when the peer hangs up',
  },
}

/** And over inproc another. */
export const libzmqOverInproc: EngineUnderTest = {
  ...libzmq,
  lacks: { ...libzmq.lacks, immediate: 'libzmq queues for a name that nobody has bound' },
}

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
