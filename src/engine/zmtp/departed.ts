/** What disconnected peers have left to be received: read on as room comes, counted, and bounded by holding up new peers. */
import { partCountOf } from '../../message.ts'
import type { PeerSession } from '../../peer/peer.ts'
import type { Queue } from '../../queue/queue.ts'
import { NOBODY, type QueueWriter } from '../../queue/queue-ends.ts'
import type { StrategyContext } from '../../routing/routing-strategy.ts'
import type { DepartedStats } from '../engine.ts'

/** What a part of a message costs besides its bytes, and a disconnected peer besides its messages: measured, 105 bytes and 5.6 KB (Node 20). */
const PER_PART = 100
const PER_PEER = 6144

export class Departed {
  readonly #limit: number
  readonly #context: Pick<StrategyContext, 'dropped'>
  readonly #rests = new Set<Rest>()
  /** Of all that is left, in bytes. */
  #cost = 0
  /** Peers that wait for room, in order; each is to be called once. */
  readonly #waiting = new Set<() => void>()
  #admitting = false
  /** What was received since its peer had disconnected. */
  received = 0
  receivedBytes = 0

  constructor(limit: number, context: Pick<StrategyContext, 'dropped'>) {
    this.#limit = limit
    this.#context = context
  }

  /** A peer has ended, and this is what it had sent. `session`: may have more of it, which is not decoded. */
  add(queue: Queue, session: PeerSession | undefined): void {
    if (queue.unread === 0) return
    const rest = new Rest(this, queue, session)
    queue.writer = rest
    this.#rests.add(rest)
    this.#cost += rest.cost
  }

  /** Undefined when a new peer may come in now; else resolves once it may, or the signal aborts. */
  room(signal: AbortSignal): Promise<void> | undefined {
    if (this.#cost < this.#limit && this.#waiting.size === 0) return undefined
    return new Promise(resolve => {
      const admit = () => {
        this.#waiting.delete(admit)
        signal.removeEventListener('abort', admit)
        resolve()
      }
      this.#waiting.add(admit)
      signal.addEventListener('abort', admit)
    })
  }

  stats(): DepartedStats {
    let [messages, bytes] = [0, 0]
    for (const rest of this.#rests) {
      messages += rest.queue.unread
      bytes += rest.bytes
    }
    return { peers: this.#rests.size, messages, bytes, holding: this.#waiting.size }
  }

  /** Something of this rest was read. */
  taken(rest: Rest): void {
    if (!this.#rests.has(rest)) return
    const { cost, received, receivedBytes } = rest
    if (rest.queue.unread === 0 && rest.readOn() !== undefined) {
      // What it has left broke the protocol, and the rest of it is lost.
      this.#context.dropped('malformed', undefined)
    }
    rest.count()
    this.received += rest.received - received
    this.receivedBytes += rest.receivedBytes - receivedBytes
    this.#cost -= cost
    if (rest.queue.unread > 0) this.#cost += rest.cost
    else {
      this.#rests.delete(rest)
      rest.queue.writer = NOBODY
    }
    if (this.#waiting.size > 0 && this.#cost < this.#limit) this.#admit()
  }

  /** One peer in each turn of the event loop: what it leaves should be known before the next one comes. */
  #admit(): void {
    if (this.#admitting) return
    this.#admitting = true
    setImmediate(() => {
      this.#admitting = false
      const [next] = this.#waiting
      if (next === undefined || this.#cost >= this.#limit) return
      next()
      this.#admit()
    })
  }
}

/** What one peer has left; in the place of the peer it writes what is decoded later. */
class Rest implements QueueWriter {
  readonly queue: Queue
  readonly #departed: Departed
  /** Undefined once all that the peer said is decoded: a session keeps more than what it has left. */
  #session: PeerSession | undefined
  cost = 0
  received = 0
  receivedBytes = 0
  /** How many parts each message had, from `#next` on those that are not read; and the sum of these. */
  #partCounts: number[] = []
  #next = 0
  #parts = 0

  constructor(departed: Departed, queue: Queue, session: PeerSession | undefined) {
    this.#departed = departed
    this.queue = queue
    this.#session = session
    this.count()
  }

  /** Bytes of its messages, and of what is not decoded. */
  get bytes(): number {
    return this.queue.bytes + (this.#session?.left ?? 0)
  }

  /** Decodes more. Returns what the peer did wrong in it. */
  readOn(): Error | undefined {
    return this.#session?.readLeft()
  }

  count(): void {
    if (this.#session?.left === 0) this.#session = undefined
    this.#countParts()
    this.cost = this.bytes + this.#parts * PER_PART + PER_PEER
    this.received = this.queue.meter.written
    this.receivedBytes = this.queue.meter.writtenBytes
  }

  writable(): void {
    this.#departed.taken(this)
  }

  /** Anew only when more has been decoded, which is when all had been read. */
  #countParts(): void {
    const { unread } = this.queue
    if (unread > this.#partCounts.length - this.#next) {
      this.#partCounts = Array.from(this.queue, partCountOf)
      this.#next = 0
      this.#parts = this.#partCounts.reduce((sum, count) => sum + count, 0)
    }
    while (this.#partCounts.length - this.#next > unread) this.#parts -= this.#partCounts[this.#next++]!
  }

  drained(): void {}
}
