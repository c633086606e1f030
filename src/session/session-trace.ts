/** The tracing of one session whose both ends do it: whose clock the peer has, and the stamps that come in as commands, each before its message. */
import { areEqual } from '../bytes.ts'
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { hostTime } from '../queue/host-time.ts'
import { type Clock, type PeerClock, SAME_CLOCK, type Stamp } from '../queue/stamp.ts'
import { hostClockId } from '../transport/host-clock.ts'
import { decodeClock, decodeClockId, decodeTrace, encodeClock, encodeClockId } from '../wire/trace-command.ts'
import { ClockEstimate } from './clock-estimate.ts'

export class SessionTrace implements PeerClock {
  readonly #salt: Frame
  readonly #otherSalt: Frame
  readonly #estimate = new ClockEstimate()
  /** The peer has shown that it has our clock. */
  #same = false
  /** Of the message that the peer sends next. */
  #incoming: Stamp | undefined
  /** A PONG whose CLOCK is still to come. */
  #answer: { readonly heard: number; readonly roundTrip: number } | undefined

  /** What the two ends have said in READY: `salt` is ours. */
  constructor(salt: Frame, otherSalt: Frame) {
    this.#salt = salt
    this.#otherSalt = otherSalt
  }

  get reading(): Clock | 'unknown' {
    return this.#same ? SAME_CLOCK.reading : this.#estimate.reading
  }

  /** Whether the clocks have to be compared: a PING is then answered with a CLOCK behind the PONG. */
  get compares(): boolean {
    return !this.#same
  }

  // What goes out.

  /** Which clock is ours, for this peer only. */
  clockId(): Frame {
    return encodeClockId(hostClockId(this.#salt, this.#otherSalt))
  }

  /** A CLOCK of now. */
  time(): Frame {
    return encodeClock(hostTime())
  }

  // What comes in.

  /** Throws `ProtocolError`. A TRACE holds for the message behind it. */
  announced(data: Frame): void {
    const stamp = decodeTrace(data)
    if (this.#incoming !== undefined)
      throw new ProtocolError('a TRACE behind another, and no message between')
    this.#incoming = stamp
  }

  /** The stamp of the message that has come behind its TRACE; undefined when it had none. */
  takeStamp(): Stamp | undefined {
    const stamp = this.#incoming
    this.#incoming = undefined
    return stamp
  }

  /** Throws `ProtocolError`. Our own words said back prove nothing. */
  identified(data: Frame): void {
    const id = decodeClockId(data)
    if (areEqual(this.#salt, this.#otherSalt)) return
    this.#same = areEqual(id, hostClockId(this.#otherSalt, this.#salt))
  }

  /** A PING was answered, after so many milliseconds. */
  answered(roundTrip: number): void {
    this.#answer = { heard: hostTime(), roundTrip }
  }

  /** Throws `ProtocolError`. A CLOCK that we have not asked for tells nothing. */
  told(data: Frame): void {
    const time = decodeClock(data)
    const answer = this.#answer
    this.#answer = undefined
    if (answer !== undefined) this.#estimate.add(time, answer.heard, answer.roundTrip)
  }
}
