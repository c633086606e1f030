/** Tells when to send a PING and when a peer has been silent for too long (RFC 37, "Heartbeating"). Sends and ends nothing itself. */

export interface HeartbeatOwner {
  /** It is time for a sign of life. `heard`: the peer has given one since the last beat. Returns false when the peer has nothing to answer. */
  beat(heard: boolean): boolean
  /** Milliseconds of silence after which the peer is given up. Infinity while silence does not count. */
  readonly patience: number
  /** Whether anything has come since the last call, or the system has taken more of a blocked write: the peer acknowledges. */
  moved(): boolean
  /** Nothing was heard for all the time that the peer had. */
  silent(patience: number): void
}

export class Heartbeat {
  readonly #owner: HeartbeatOwner
  readonly #interval: number
  #heard = true
  /** Whether the peer had something to answer at the last beat. */
  #asked = false
  #quiet = 0
  #patience = Infinity
  #timer: NodeJS.Timeout | undefined

  /** Milliseconds between two beats; silence is measured in whole ones. */
  constructor(owner: HeartbeatOwner, interval: number) {
    this.#owner = owner
    this.#interval = interval
    this.#timer = setInterval(() => this.#tick(), interval).unref()
  }

  /** The peer has given a sign of life. */
  heard(): void {
    this.#heard = true
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const heard = this.#owner.moved() || this.#heard
    const asked = this.#asked
    const { patience } = this.#owner
    // Silence that counts for a new reason counts from its beginning.
    this.#quiet = heard || patience !== this.#patience ? 0 : this.#quiet + this.#interval
    this.#patience = patience
    this.#heard = false
    this.#asked = this.#owner.beat(heard)
    if (this.#quiet < patience || !asked) return
    // Our own event loop may have been held up: only what is still unheard after it has read everything counts.
    setImmediate(() => {
      if (this.#heard || this.#owner.moved() || this.#timer === undefined) return
      if (this.#quiet >= this.#owner.patience) this.#owner.silent(patience)
    })
  }
}
