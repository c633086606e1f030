/** Tells when to send a PING and when a peer has been silent for too long (RFC 37, "Heartbeating"). Sends and ends nothing itself. */

export interface HeartbeatOwner {
  /** It is time for a sign of life. `heard`: the peer has given one since the last beat. */
  beat(heard: boolean): void
  /** Whether silence counts at all: not while we do not read, nor while the peer may be unable to beat. */
  readonly listening: boolean
  /** Nothing was heard for the whole time-out. */
  silent(): void
}

export class Heartbeat {
  readonly #owner: HeartbeatOwner
  readonly #tickLength: number
  readonly #timeout: number
  #heard = true
  #quiet = 0
  #timer: NodeJS.Timeout | undefined

  /** Milliseconds; an interval of Infinity never beats, a time-out of Infinity never gives up. */
  constructor(owner: HeartbeatOwner, interval: number, timeout: number) {
    this.#owner = owner
    this.#tickLength = Math.min(interval, timeout)
    this.#timeout = timeout
    if (interval !== Infinity) this.#timer = setInterval(() => this.#tick(), this.#tickLength).unref()
  }

  /** Any byte is life. */
  heard(): void {
    this.#heard = true
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const heard = this.#heard
    if (heard || !this.#owner.listening) this.#quiet = 0
    else this.#quiet += this.#tickLength
    this.#heard = false
    this.#owner.beat(heard)
    if (this.#quiet < this.#timeout) return
    // Our own event loop may have been held up: only what is still unheard after it has read everything counts.
    setImmediate(() => {
      if (!this.#heard && this.#owner.listening && this.#timer !== undefined) this.#owner.silent()
    })
  }
}
