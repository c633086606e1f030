/** A session that does not know its peer yet: greetings, handshake, and the question to the socket whether this peer may come. Does no I/O of its own. */
import { ProtocolError, SecurityError } from '../errors.ts'
import { fairTimeout } from '../fair-timeout.ts'
import type { Frame, Message } from '../message.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Cipher, Credentials, Verdict } from '../security/mechanism.ts'
import { encodeError } from '../wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../wire/frame.ts'
import type { FrameSink } from '../wire/frame-reader.ts'
import type { Handshake } from './handshake.ts'

/** The session, as its handshake uses it. */
export interface HandshakingOwner {
  /** Writes frames that are laid out already. */
  say(frames: readonly Frame[]): void
  /** What the socket has against this peer, or undefined. */
  refuses(identity: PeerIdentity): string | undefined
  /** Whether the peer may come in. Never throws or rejects. */
  authenticate(identity: PeerIdentity, credentials: Credentials): Verdict | Promise<Verdict>
  /** A verdict that took its time is there: `decide` is to be called where errors are caught. */
  decided(verdict: Verdict): void
  /** The peer is in. */
  admitted(identity: PeerIdentity, cipher: Cipher | undefined): void
  /** The peer is not let in, or has not let us in, and has been told so if it can be. */
  refused(error: Error): void
  /** The handshake's time is over. */
  late(): void
}

/**
 * greeting --> handshake <--> deciding --> over
 */
type Phase = 'greeting' | 'handshake' | 'deciding' | 'over'

export class Handshaking implements FrameSink {
  readonly #owner: HandshakingOwner
  readonly #handshake: Handshake
  readonly #timeout: number
  #phase: Phase = 'greeting'
  #timer: NodeJS.Timeout | undefined
  /** The peer is in, or its connection has ended. A peer that is refused has until the end of its time to leave. */
  #stopped = false

  /** `timeout`: milliseconds until the peer must be in, or have left. */
  constructor(owner: HandshakingOwner, handshake: Handshake, timeout: number) {
    this.#owner = owner
    this.#handshake = handshake
    this.#timeout = timeout
  }

  start(): void {
    this.resume()
    this.#owner.say(this.#handshake.takeOutput())
  }

  /** The peer waits for us, not we for it: its time stands still until `resume`. */
  suspend(): void {
    clearTimeout(this.#timer)
  }

  /** The time for the rest begins now. */
  resume(): void {
    if (this.#timeout === Infinity) return
    this.#timer = fairTimeout(() => this.#late(), this.#timeout).unref()
  }

  /** Reads what comes before frames; answers the rest. */
  greet(chunk: Buffer): Buffer {
    if (this.#phase !== 'greeting') return chunk
    const used = this.#handshake.greet(chunk)
    this.#owner.say(this.#handshake.takeOutput())
    if (this.#handshake.framed) this.#phase = 'handshake'
    return chunk.subarray(used)
  }

  // What the frame reader tells. Nothing is read while a verdict is awaited; once the handshake is over, others are told.

  command(body: Frame): boolean {
    this.#handshake.command(body)
    this.#progress()
    return this.#phase !== 'deciding'
  }

  /** Only a peer of ZMTP 2.0 sends one. */
  message(message: Message): boolean {
    this.#handshake.message(message as Frame)
    this.#progress()
    return this.#phase !== 'deciding'
  }

  /** Accepts or refuses the peer that waits. */
  decide(verdict: Verdict): void {
    if (this.#phase === 'over') return
    this.#phase = 'handshake'
    this.#handshake.decide(verdict)
    if (verdict.status !== 200) {
      this.#refuse(
        new SecurityError(verdict.reason, { status: verdict.status }),
        this.#handshake.takeOutput(),
      )
      return
    }
    // Time may have passed, in which another peer took the name or the place: ask again before READY goes out.
    if (this.#acceptable() !== undefined) this.#progress()
  }

  /** No more is to come of it. */
  stop(): void {
    this.#stopped = true
    this.#phase = 'over'
    clearTimeout(this.#timer)
  }

  #late(): void {
    if (!this.#stopped) this.#owner.late()
  }

  #progress(): void {
    this.#owner.say(this.#handshake.takeOutput())
    if (this.#handshake.pending !== undefined) this.#consider(this.#handshake.pending)
    else if (this.#handshake.over) this.#admit()
  }

  #consider(credentials: Credentials): void {
    const identity = this.#acceptable()
    if (identity === undefined) return
    const verdict = this.#owner.authenticate(identity, credentials)
    if (!(verdict instanceof Promise)) {
      this.decide(verdict)
      return
    }
    this.#phase = 'deciding'
    void verdict.then(decided => this.#owner.decided(decided))
  }

  #admit(): void {
    const identity = this.#acceptable()
    if (identity === undefined) return
    this.stop()
    this.#owner.admitted(identity, this.#handshake.cipher)
  }

  /** Who the peer is, if nothing is against it; else it is told so, unless it is of ZMTP 2.0. */
  #acceptable(): PeerIdentity | undefined {
    try {
      const identity = this.#handshake.identity()
      const objection = this.#owner.refuses(identity)
      if (objection !== undefined) throw new ProtocolError(objection, { fatal: true })
      return identity
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const told = this.#handshake.downLevel ? [] : [encodeFrame(FLAG_COMMAND, encodeError(error.message))]
      this.#refuse(error, told)
      return undefined
    }
  }

  #refuse(error: Error, frames: readonly Frame[]): void {
    this.#phase = 'over'
    this.#owner.say(frames)
    this.#owner.refused(error)
  }
}
