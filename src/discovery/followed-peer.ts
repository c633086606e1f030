/** One peer that a follower knows: where it may be reached, and which of its addresses is tried now. */
import type { Connections } from './connections.ts'
import type { Service } from './discovery.ts'
import { drawFor, type SelectablePeer } from './peer-selection.ts'

/** Pauses between rounds over all addresses of a peer: they double from the first to the last. */
const FIRST_PAUSE = 250
const LAST_PAUSE = 5_000

export class FollowedPeer implements SelectablePeer {
  readonly #connections: Connections
  readonly draw: number
  service: Service
  /** The provider says it is not there; a live connection knows better. */
  gone = false
  #endpoint: string | undefined
  #failures = 0
  /** A connection has just been lost: that dialling goes on is no failure yet. */
  #lost = false
  #pause: NodeJS.Timeout | undefined

  constructor(service: Service, connections: Connections) {
    this.service = service
    this.#connections = connections
    this.draw = drawFor(service.weight ?? 0)
  }

  get priority(): number {
    return this.service.priority ?? 0
  }

  get source(): string | undefined {
    return this.service.source
  }

  get dialled(): boolean {
    return this.#endpoint !== undefined
  }

  get live(): boolean {
    return this.#connections.live(this.#endpoint)
  }

  get failing(): boolean {
    return this.#failures > 0 && !this.live
  }

  get endpoint(): string | undefined {
    return this.#endpoint
  }

  /** Connects, if it is not. Throws what the socket throws. */
  connect(): void {
    if (this.#endpoint !== undefined) return
    this.#failures = 0
    this.#move(this.service.endpoints[0])
  }

  /** That it failed is known until it is connected again: one that makes room for another must not be next in line at once. Idempotent. */
  disconnect(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#move(undefined)
  }

  #move(endpoint: string | undefined): void {
    const before = this.#endpoint
    if (endpoint === before) return
    // First the new one: what was queued for the old can move over.
    if (endpoint !== undefined) this.#connections.acquire(endpoint)
    this.#endpoint = endpoint
    if (before !== undefined) this.#connections.release(before)
  }

  /** The provider knows something new. A connection that stands stays. */
  update(service: Service): void {
    this.service = service
    this.gone = false
    if (this.#endpoint === undefined || this.live || service.endpoints.includes(this.#endpoint)) return
    this.#move(service.endpoints[0])
  }

  lost(): void {
    this.#lost = true
  }

  succeeded(): void {
    this.#lost = false
    this.#failures = 0
    clearTimeout(this.#pause)
    this.#pause = undefined
  }

  /** Dialling has failed once: on to the next address, after a round with a pause. `moved` hears of errors of the socket. */
  failed(moved: (error: unknown) => void): void {
    const { endpoints } = this.service
    if (this.#lost) {
      this.#lost = false
      return
    }
    this.#failures++
    if (this.#pause !== undefined || (endpoints.length < 2 && endpoints[0] === this.#endpoint)) return
    const round = Math.floor(this.#failures / endpoints.length)
    const pause = round === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (round - 1), LAST_PAUSE)
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      if (this.live || this.#endpoint === undefined) return
      const next = (endpoints.indexOf(this.#endpoint) + 1) % endpoints.length
      try {
        this.#move(endpoints[next])
      } catch (error) {
        moved(error)
      }
    }, pause).unref()
  }
}
