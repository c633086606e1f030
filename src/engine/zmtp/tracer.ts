/** The tracing of one socket: stamps its messages, and measures the path of those that it takes. Made only with `trace: true`. */
import { crypto } from '../../builtin.ts'
import type { Peer } from '../../peer/peer.ts'
import { hostTime, toHostTime } from '../../queue/host-time.ts'
import { PathTimes } from '../../queue/path-times.ts'
import type { Stamp } from '../../queue/stamp.ts'
import { isHeard, type SocketEvents } from '../events.ts'
import { referenceOf } from './peer-info.ts'

/** A message on its way through the application. */
export interface Taken {
  readonly stamp: Stamp
  readonly peer: Peer
  readonly at: number
  readonly queue: number | undefined
}

export class Tracer {
  readonly times = new PathTimes()
  readonly #events: SocketEvents
  readonly #source = crypto().randomInt(2 ** 32)
  #count = 0

  constructor(events: SocketEvents) {
    this.#events = events
  }

  /** For a message that comes into a queue now, and was given to `send` at this time of `performance.now()`. */
  stamp(since: number): Stamp {
    this.#count = (this.#count + 1) >>> 0
    return { source: this.#source, count: this.#count, produced: toHostTime(since), queued: hostTime() }
  }

  /** A message of this peer has just been taken. Undefined when it has no stamp, or the peer does not trace. */
  took(peer: Peer | undefined): Taken | undefined {
    const stamp = peer?.incoming.stamps?.last
    if (stamp === undefined || peer?.clock === undefined) return undefined
    const at = hostTime()
    const queue = queueTime(stamp, at, peer)
    for (const times of [this.times, peer.times!]) times.taken(at, stamp.queued - stamp.produced, queue)
    return { stamp, peer, at, queue }
  }

  /** Whoever took the message is done with it. */
  consumed({ stamp, peer, at, queue }: Taken): void {
    const consume = hostTime() - at
    const produce = stamp.queued - stamp.produced
    const latency = queue === undefined ? undefined : produce + queue + consume
    for (const times of [this.times, peer.times!]) times.consumed(consume, latency)
    if (!isHeard(this.#events, 'message:traced')) return
    const gone = peer.incoming.closed
    this.#events.emit('message:traced', {
      id: idOf(stamp),
      path: { produce, queue, consume },
      peer: gone ? undefined : referenceOf(peer),
    })
  }
}

/** Undefined rather than wrong: when the peer's clock is unknown, or contradicts what is known of it. */
function queueTime({ queued }: Stamp, taken: number, { clock }: Peer): number | undefined {
  const reading = clock!.reading
  if (reading === 'unknown') return undefined
  const time = taken - (queued - reading.offset)
  return time < -reading.uncertainty ? undefined : Math.max(0, time)
}

function idOf({ source, count }: Stamp): string {
  return source.toString(16).padStart(8, '0') + count.toString(16).padStart(8, '0')
}
