/** What disconnected peers have left to be received: read on as room comes, counted, and bounded by holding up new peers. */
import type { Pipe, Remains } from '../../queue/pipe.ts'
import type { Session } from '../../session/session.ts'
import type { DepartedStats } from '../engine.ts'

/** What a part of a message costs besides its bytes, and a disconnected peer besides its messages: measured, 105 bytes and 5.6 KB (Node 20). */
const PER_PART = 100
const PER_PEER = 6144

export class Departed {
  readonly #limit: number
  readonly #violated: () => void
  readonly #rests = new Set<Rest>()
  /** Of all that is left, in bytes. */
  #cost = 0
  /** Peers that wait for room, in order; each is to be called once. */
  readonly #waiting = new Set<() => void>()
  #admitting = false
  /** What was received since its peer had disconnected. */
  received = 0
  receivedBytes = 0

  /** `violated`: what a peer has left broke the protocol, and the rest of it is dropped. */
  constructor(limit: number, violated: () => void) {
    this.#limit = limit
    this.#violated = violated
  }

  /** The pipe has closed. `session`: of a peer that is not in this process. */
  add(pipe: Pipe, session: Session | undefined): void {
    if (pipe.waiting === 0) return
    const rest = new Rest(this, pipe, session)
    pipe.remains = rest
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
      messages += rest.pipe.waiting
      bytes += rest.bytes
    }
    return { peers: this.#rests.size, messages, bytes, holding: this.#waiting.size }
  }

  /** Something of this rest was read. */
  taken(rest: Rest): void {
    if (!this.#rests.has(rest)) return
    if (rest.pipe.waiting === 0 && rest.readOn() !== undefined) this.#violated()
    const { received, receivedBytes } = rest
    this.#cost -= rest.cost
    rest.count()
    this.received += rest.received - received
    this.receivedBytes += rest.receivedBytes - receivedBytes
    if (rest.pipe.waiting > 0) this.#cost += rest.cost
    else {
      this.#rests.delete(rest)
      rest.pipe.remains = undefined
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

/** What one peer has left. */
class Rest implements Remains {
  readonly pipe: Pipe
  readonly #departed: Departed
  /** Undefined once all that the peer said is decoded: a session keeps more than what it has left. */
  #session: Session | undefined
  cost = 0
  received = 0
  receivedBytes = 0

  constructor(departed: Departed, pipe: Pipe, session: Session | undefined) {
    this.#departed = departed
    this.pipe = pipe
    this.#session = session
    this.count()
  }

  /** Bytes of its messages, and of what is not decoded. */
  get bytes(): number {
    return this.pipe.waitingBytes + (this.#session?.left ?? 0)
  }

  /** Decodes more. Returns what the peer did wrong in it. */
  readOn(): Error | undefined {
    return this.#session?.readLeft()
  }

  count(): void {
    if (this.#session?.left === 0) this.#session = undefined
    this.cost = this.bytes + this.pipe.waitingParts * PER_PART + PER_PEER
    this.received = this.pipe.received
    this.receivedBytes = this.pipe.receivedBytes
  }

  taken(): void {
    this.#departed.taken(this)
  }
}
