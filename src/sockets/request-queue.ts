/** Strict requests: one on the wire at a time, the others wait in order. */
import type { PendingRequest } from './pending-request.ts'
import { RequestSender } from './request-sender.ts'

export class RequestQueue extends RequestSender {
  /** The one that is on its way. */
  #current: PendingRequest | undefined
  readonly #waiting = new Set<PendingRequest>()
  /** Where the next one stands: looking for the first of a set anew would pass all that were taken out before it. */
  #order = this.#waiting.values()
  /** Taken out since then: the set's iterator keeps a trace of each, 50 to 150 bytes, until it is asked. */
  #withdrawn = 0
  /** A request that is refused at once makes way for the next one, in a loop. */
  #advancing = false

  override begin(request: PendingRequest): void {
    this.#waiting.add(request)
    if (this.#current === undefined) this.#next()
  }

  override again(request: PendingRequest): void {
    if (request === this.#current) super.again(request)
  }

  override end(request: PendingRequest): void {
    if (this.#waiting.delete(request)) {
      if (++this.#withdrawn > this.#waiting.size) this.#lookAnew()
      return
    }
    if (request !== this.#current) return
    super.end(request)
    // Whoever was told of that may have ended it too.
    if (request === this.#current) this.#next()
  }

  override clear(): void {
    this.#waiting.clear()
    this.#current = undefined
  }

  #next(): void {
    this.#current = undefined
    if (this.#advancing) return
    this.#advancing = true
    do {
      let next = this.#order.next()
      if (next.done) {
        // It stays at its end, whatever is added.
        this.#lookAnew()
        next = this.#order.next()
      }
      this.#current = next.value
      if (this.#current === undefined) break
      this.#waiting.delete(this.#current)
      this.transmit(this.#current)
    } while (this.#current === undefined)
    this.#advancing = false
  }

  #lookAnew(): void {
    this.#order = this.#waiting.values()
    this.#withdrawn = 0
  }
}
