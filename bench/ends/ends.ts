/** How a system under test opens its ends: the one shape that all of them are measured through. */
import type { CurveKeys, EndSpec } from './spec.ts'

export interface Place {
  readonly mode: EndSpec['mode']
  readonly endpoint: string
  /** What to send: bytes, or an object that the system is to encode. */
  readonly payload: Buffer | object
  readonly typed: boolean
  readonly topics: readonly string[]
  readonly curve: CurveKeys | undefined
}

interface End {
  /** The real endpoint of a bound end. */
  readonly endpoint: string
}
export interface Sender extends End {
  /** Resolves once so many messages were taken. */
  send(count: number): Promise<void>
}
export interface Receiver extends End {
  /** Resolves once so many messages have come. */
  receive(count: number): Promise<void>
}
export interface Requester extends End {
  /** One round trip. */
  request(): Promise<unknown>
}

/** An absent role is one the system does not have; ../systems.ts says so to the harness. */
export interface Ends {
  push?(place: Place): Promise<Sender>
  pull?(place: Place): Promise<Receiver>
  publish?(place: Place): Promise<Sender>
  subscribe?(place: Place): Promise<Receiver>
  request?(place: Place): Promise<Requester>
  /** Answers every request with itself until the process ends. */
  reply?(place: Place): Promise<End>
}
