/** A connection's way in: greetings, handshake, and the question to the socket whether this peer may come. Does no I/O of its own. */
import { ProtocolError, SecurityError } from '../errors.ts'
import type { Frame } from '../message.ts'
import type { Peer } from '../peer.ts'
import type { Cipher, Credentials, Verdict } from '../security/mechanism.ts'
import { encodeError } from '../wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../wire/frame.ts'
import type { Handshake } from './handshake.ts'

export interface AdmissionOwner {
  /** Writes frames that are laid out already. */
  say(frames: readonly Frame[]): void
  /** What the socket has against this peer, or undefined. */
  refuses(peer: Peer): string | undefined
  /** Whether the peer may come in. Never throws or rejects. */
  authenticate(peer: Peer, credentials: Credentials): Verdict | Promise<Verdict>
  /** A verdict that took its time is there: `decide` is to be called where errors are caught. */
  decided(verdict: Verdict): void
  /** The peer is in. */
  admitted(peer: Peer, cipher: Cipher | undefined): void
  /** The peer is not let in, or has not let us in, and has been told so if it can be. */
  refused(error: Error): void
}

/**
 * greeting --> handshake <--> deciding --> over
 */
type Phase = 'greeting' | 'handshake' | 'deciding' | 'over'

export class Admission {
  readonly #owner: AdmissionOwner
  readonly #handshake: Handshake
  #phase: Phase = 'greeting'

  constructor(owner: AdmissionOwner, handshake: Handshake) {
    this.#owner = owner
    this.#handshake = handshake
  }

  /** Whether frames may be read: not while a verdict is awaited. */
  get reads(): boolean {
    return this.#phase === 'handshake'
  }

  start(): void {
    this.#owner.say(this.#handshake.takeOutput())
  }

  /** Reads what comes before frames; answers the rest. */
  greet(chunk: Buffer): Buffer {
    if (this.#phase !== 'greeting') return chunk
    const used = this.#handshake.greet(chunk)
    this.#owner.say(this.#handshake.takeOutput())
    if (this.#handshake.framed) this.#phase = 'handshake'
    return chunk.subarray(used)
  }

  command(body: Frame): void {
    this.#handshake.command(body)
    this.#progress()
  }

  /** Only a peer of ZMTP 2.0 sends one. */
  message(body: Frame): void {
    this.#handshake.message(body)
    this.#progress()
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
    this.#phase = 'over'
  }

  #progress(): void {
    this.#owner.say(this.#handshake.takeOutput())
    if (this.#handshake.pending !== undefined) this.#consider(this.#handshake.pending)
    else if (this.#handshake.over) this.#admit()
  }

  #consider(credentials: Credentials): void {
    const peer = this.#acceptable()
    if (peer === undefined) return
    const verdict = this.#owner.authenticate(peer, credentials)
    if (!(verdict instanceof Promise)) {
      this.decide(verdict)
      return
    }
    this.#phase = 'deciding'
    void verdict.then(decided => this.#owner.decided(decided))
  }

  #admit(): void {
    const peer = this.#acceptable()
    if (peer === undefined) return
    this.#phase = 'over'
    this.#owner.admitted(peer, this.#handshake.cipher)
  }

  /** The peer, if nothing is against it; else it is told so, unless it is of ZMTP 2.0. */
  #acceptable(): Peer | undefined {
    try {
      const peer = this.#handshake.peer()
      const objection = this.#owner.refuses(peer)
      if (objection !== undefined) throw new ProtocolError(objection, { fatal: true })
      return peer
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
