/** Peers of several addresses: libzmq is connected to one of them at a time, and what its events tell decides when to try the next. */
import { after, type Dialling, type DiallingOwner } from '../../dialling.ts'
import { Backoff } from '../backoff.ts'
import type { CoreOptions } from '../engine.ts'
import type { SocketEvents } from '../events.ts'
import type { Attachments } from './attachments.ts'

export class Diallings {
  readonly #attachments: Attachments
  readonly #options: CoreOptions
  /** By the address that each is connected to. */
  readonly #all = new Map<string, LibzmqDialling>()

  constructor(attachments: Attachments, options: CoreOptions, events: SocketEvents) {
    this.#attachments = attachments
    this.#options = options
    events
      .on('handshake', ({ endpoint }) => this.#all.get(endpoint)?.came())
      .on('disconnect', ({ endpoint }) => this.#all.get(endpoint)?.lost())
      .on('connect:retry', ({ endpoint }) => this.#all.get(endpoint)?.failed())
  }

  /** Throws what connecting to the first address throws. */
  dial(addresses: readonly string[], owner: DiallingOwner): Dialling {
    const { reconnectInterval, reconnectIntervalMax } = this.#options
    const backoff = new Backoff(reconnectInterval, reconnectIntervalMax)
    const endpoint = addresses[0]!
    this.#attachments.connect(endpoint)
    const dialling = new LibzmqDialling(this, addresses, owner, backoff)
    this.#all.set(endpoint, dialling)
    return dialling
  }

  /** False when it cannot be connected to, for another is, or it is not an endpoint. */
  move(dialling: LibzmqDialling, to: string): boolean {
    try {
      // First the new one: what was queued for the old can move over.
      this.#attachments.connect(to)
    } catch {
      return false
    }
    this.disconnect(dialling)
    this.#all.set(to, dialling)
    return true
  }

  disconnect({ endpoint }: LibzmqDialling): void {
    this.#all.delete(endpoint)
    try {
      this.#attachments.disconnect(endpoint)
    } catch {
      // The application has disconnected or closed it itself.
    }
  }
}

class LibzmqDialling implements Dialling {
  readonly #diallings: Diallings
  readonly #owner: DiallingOwner
  readonly #backoff: Backoff
  #addresses: readonly string[]
  #timer: NodeJS.Timeout | undefined
  /** A connection has just been lost: that dialling goes on is no failure yet. */
  #lost = false
  #ended = false
  endpoint: string
  live = false
  failing = false

  constructor(diallings: Diallings, addresses: readonly string[], owner: DiallingOwner, backoff: Backoff) {
    this.#diallings = diallings
    this.#owner = owner
    this.#backoff = backoff
    this.#addresses = addresses
    this.endpoint = addresses[0]!
  }

  update(addresses: readonly string[]): void {
    this.#addresses = addresses
    if (!this.#ended && !this.live && !addresses.includes(this.endpoint)) this.#next()
  }

  disconnect(): void {
    if (this.#ended) return
    this.#ended = true
    this.live = false
    clearTimeout(this.#timer)
    this.#diallings.disconnect(this)
  }

  came(): void {
    this.live = true
    this.failing = false
    this.#lost = false
    this.#backoff.reset()
    this.#stay()
    this.#owner.changed()
  }

  lost(): void {
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
    const next = after(this.endpoint, this.#addresses).find(other => this.#diallings.move(this, other))
    if (next !== undefined) this.endpoint = next
  }

  #stay(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
