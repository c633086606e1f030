/** The active end of a bench: throughput first, then round trips. */
import type { Message, Pair } from '../../index.ts'
import { countIn, countMessage, ECHO, LOAD } from './protocol.ts'

/** Told of the share that is done, 0 to 1. */
export type Progress = (what: string, share: number) => void

export interface Plan {
  /** Bytes of a message. */
  readonly size: number
  /** Milliseconds of each of the two halves. */
  readonly duration: number
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface Throughput {
  readonly messages: number
  /** Milliseconds from the first send until the last message was known to have arrived. */
  readonly elapsed: number
}

/** Sends between two looks at the clock, and at the world outside this loop. */
const BURST = 500
/** The first trips run code that is not compiled yet. */
const WARM_UP = 200
/** As many round trips are kept as say enough. */
const MAX_TRIPS = 200_000

export async function throughput(pair: Pair<Message>, plan: Plan): Promise<Throughput> {
  const { duration, signal, progress } = plan
  const message = body(LOAD, plan.size)
  const started = performance.now()
  let sent = 0
  for (let now = started; now - started < duration; now = performance.now()) {
    for (let burst = 0; burst < BURST; burst++) await pair.send(message, { signal })
    sent += BURST
    progress('throughput', (now - started) / duration)
    await new Promise(setImmediate)
  }
  await pair.send(countMessage(0), { signal })
  const counted = countIn((await pair.receive({ signal })) as Uint8Array)
  if (counted !== sent) throw new Error(`${sent} messages were sent and ${counted} have arrived`)
  return { messages: counted, elapsed: performance.now() - started }
}

/** Milliseconds of each round trip, one after the other. */
export async function roundTrips(pair: Pair<Message>, plan: Plan): Promise<number[]> {
  const { duration, signal, progress } = plan
  const message = body(ECHO, plan.size)
  const trips: number[] = []
  const started = performance.now()
  for (let trip = 0; trips.length < MAX_TRIPS; trip++) {
    const sent = performance.now()
    if (sent - started >= duration) break
    await pair.send(message, { signal })
    await pair.receive({ signal })
    if (trip >= WARM_UP) trips.push(performance.now() - sent)
    if (trip % BURST === 0) progress('round trips', (sent - started) / duration)
  }
  return trips
}

function body(kind: number, size: number): Buffer {
  const message = Buffer.alloc(Math.max(1, size))
  message[0] = kind
  return message
}
