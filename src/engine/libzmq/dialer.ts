/** Dials one peer at its addresses: libzmq is connected to one of them at a time, and what it tells decides when to try the next. */
import { after, type Dialling, type DiallingOwner } from '../../dialling.ts'
import { Backoff } from '../backoff.ts'
import type { CoreOptions } from '../engine.ts'

export interface DialerEndpoints {
  /** False when it cannot be connected to: another dialer is, or it is not an endpoint. */
  move(dialer: Dialer, to: string): boolean
  /** Stops the dialer that is connected to it. */
  disconnect(endpoint: string): void
}

export class Dialer implements Dialling {
  readonly #endpoints: DialerEndpoints
  readonly #owner: DiallingOwner
  readonly #backoff: Backoff
  #addresses: readonly string[]
  #timer: NodeJS.Timeout | undefined
  /** A connection has just been lost: that dialling goes on is not a failure yet. */
  #lost = false
  #stopped = false
  endpoint: string
  live = false
  failing = false

  constructor(
    endpoints: DialerEndpoints,
    addresses: readonly string[],
    owner: DiallingOwner,
    { reconnectInterval, reconnectIntervalMax }: CoreOptions,
  ) {
    this.#endpoints = endpoints
    this.#owner = owner
    this.#backoff = new Backoff(reconnectInterval, reconnectIntervalMax)
    this.#addresses = addresses
    this.endpoint = addresses[0]!
  }

  update(addresses: readonly string[]): void {
    this.#addresses = addresses
    if (!this.#stopped && !this.live && !addresses.includes(this.endpoint)) this.#next()
  }

  disconnect(): void {
    // Else the socket is closed, or its user has disconnected the address.
    if (!this.#stopped) this.#endpoints.disconnect(this.endpoint)
  }

  stop(): void {
    this.#stopped = true
    this.live = false
    this.#stay()
    this.#owner.changed()
  }

  joined(): void {
    this.live = true
    this.failing = false
    this.#lost = false
    this.#backoff.reset()
    this.#stay()
    this.#owner.changed()
  }

  left(): void {
    this.live = false
    this.#lost = true
    this.#owner.changed()
  }

  /** libzmq goes on by itself with the same address; another is tried after the pause that is due. */
  failed(): void {
    if (this.#lost) {
      this.#lost = false
      return
    }
    this.failing = true
    this.#owner.changed()
    if (this.#timer !== undefined || this.#addresses.every(address => address === this.endpoint)) return
    this.#timer = setTimeout(() => this.#next(), this.#backoff.next(this.#addresses.length)).unref()
  }

  #next(): void {
    this.#stay()
    const next = after(this.endpoint, this.#addresses).find(other => this.#endpoints.move(this, other))
    if (next !== undefined) this.endpoint = next
  }

  #stay(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
