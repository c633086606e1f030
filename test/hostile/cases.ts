/** The cases of the fuzzer: what a stranger does, as plain data that can be shrunk, written down and done again. */
import { fc } from '../support/property.ts'
import { conversation, frames } from './grammar.ts'
import type { MechanismUnderTest } from './mechanisms.ts'
import { type Protocol, recording } from './recording.ts'
import { type Spoil, spoil, spoils } from './spoil.ts'
import { HONEST_PEER, type Victim } from './stand.ts'
import { jsonMessages, packedMessages } from './value-grammar.ts'
import type { ValueCase } from './value-trial.ts'

interface Stream {
  /** In hexadecimal. */
  readonly bytes: string
  /** Where the stream is cut into chunks, each modulo what is left. */
  readonly cuts: readonly number[]
}

/** The frame reader alone; it is stopped after each so many reads. */
export interface ReaderCase extends Stream {
  readonly target: 'reader'
  readonly patience: number
}

/** A whole socket: somebody connects to it, or it dials somebody. */
export interface SocketCase extends Stream {
  readonly target: 'socket' | 'tcp'
  readonly victim: Victim
  readonly mechanism: MechanismUnderTest
  readonly dialled: boolean
  readonly leaves: boolean
}

/** A whole socket and an honest peer, with somebody between the two. */
export interface TamperCase {
  readonly target: 'tampered'
  readonly victim: Victim
  readonly mechanism: MechanismUnderTest
  readonly direction: 'to-server' | 'to-client'
  readonly spoil: Spoil
}

export type Case = ReaderCase | SocketCase | TamperCase | ValueCase

const VICTIMS = Object.keys(HONEST_PEER) as Victim[]
const cuts = fc.array(fc.nat(200), { maxLength: 12 })
const hex = (bytes: Buffer) => bytes.toString('hex')

const readerCase: fc.Arbitrary<ReaderCase> = fc.record({
  target: fc.constant('reader'),
  bytes: frames.map(hex),
  cuts,
  patience: fc.constantFrom(Infinity, 1, 2, 3).map(count => (count === Infinity ? 1e9 : count)),
})

const stream = (victim: Victim): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom<Protocol>('3.1', '3.1', '3.0', '2.0'),
        fc.array(spoils, { minLength: 1, maxLength: 4 }),
      )
      .map(([protocol, list]) => list.reduce(spoil, recording(victim, protocol))),
    conversation(recording(victim, '3.1').subarray(0, openingLength(victim))),
  )

/** Greeting and READY, without the traffic. */
function openingLength(victim: Victim): number {
  return 64 + 2 + recording(victim, '3.1')[65]!
}

const socketCase = (target: 'socket' | 'tcp', victims: readonly Victim[]): fc.Arbitrary<SocketCase> =>
  fc.constantFrom(...victims).chain(victim =>
    fc.record({
      target: fc.constant(target),
      victim: fc.constant(victim),
      mechanism: fc.constantFrom<MechanismUnderTest>('NULL', 'NULL', 'NULL', 'NULL', 'PLAIN', 'CURVE'),
      // A PAIR has its one peer, and dialling takes it.
      dialled: target === 'tcp' || victim === 'PAIR' ? fc.constant(false) : fc.boolean(),
      leaves: fc.boolean(),
      bytes: stream(victim).map(hex),
      cuts,
    }),
  )

const tamperCase: fc.Arbitrary<TamperCase> = fc.record({
  target: fc.constant('tampered'),
  victim: fc.constantFrom(...VICTIMS.filter(victim => victim !== 'PAIR')),
  mechanism: fc.constantFrom('PLAIN', 'CURVE', 'CURVE', 'NULL'),
  direction: fc.constantFrom('to-server', 'to-client'),
  spoil: spoils,
})

const valueCase = (codec: ValueCase['codec'], messages: fc.Arbitrary<Buffer>): fc.Arbitrary<ValueCase> =>
  fc.record({
    target: fc.constant('value'),
    codec: fc.constant(codec),
    bytes: messages.map(hex),
    small: fc.oneof(
      { arbitrary: fc.constant(false), weight: 4 },
      { arbitrary: fc.constant(true), weight: 1 },
    ),
  })

/** Values only. */
export const valueCases: fc.Arbitrary<Case> = fc.oneof(
  { arbitrary: valueCase('msgpack', packedMessages), weight: 3 },
  { arbitrary: valueCase('json', jsonMessages), weight: 1 },
)

export const cases: fc.Arbitrary<Case> = fc.oneof(
  { arbitrary: readerCase, weight: 30 },
  { arbitrary: socketCase('socket', VICTIMS), weight: 6 },
  { arbitrary: socketCase('tcp', ['PULL', 'XPUB', 'ROUTER']), weight: 1 },
  { arbitrary: tamperCase, weight: 1 },
  { arbitrary: valueCases, weight: 12 },
)
