/** What `stats()` and `peers` show of tracing. */
import type { Peer } from '../../peer/peer.ts'
import { delayOf } from '../../queue/delays.ts'
import type { PathTimes } from '../../queue/path-times.ts'
import type { Trace } from '../engine.ts'

/** Undefined for a peer that does not trace, or where we do not. */
export function traceOf({ times, clock }: Peer): Trace | undefined {
  return times === undefined || clock === undefined ? undefined : shown(times, clock.reading)
}

/** Of all peers; their clock is as uncertain as the least certain one. */
export function traceOfAll(times: PathTimes, peers: readonly { readonly trace: Trace | undefined }[]): Trace {
  let clock: Trace['clock']
  for (const { trace } of peers) {
    const other = trace?.clock
    if (other === undefined || clock === 'unknown') continue
    if (clock === undefined || other === 'unknown' || other.uncertainty > clock.uncertainty) clock = other
  }
  return shown(times, clock)
}

function shown(times: PathTimes, clock: Trace['clock']): Trace {
  const { messages, produce, queue, consume, latency, throughput, sent, sentProduce } = times
  return {
    messages,
    produce: delayOf(produce.samples),
    queue: delayOf(queue.samples),
    consume: delayOf(consume.samples),
    latency: delayOf(latency.samples),
    throughput,
    clock,
    sent: { messages: sent, produce: delayOf(sentProduce.samples) },
  }
}
