/** The tracing of one session whose both ends do it: stamps go out and come in as commands, each before its message. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { hostTime } from '../queue/host-time.ts'
import { type PeerClock, type PipeTracer, SAME_CLOCK, type Stamp } from '../queue/stamp.ts'
import type { TracedPipe } from '../queue/traced-pipe.ts'
import { decodeClock, decodeTrace, encodeClock, encodeTrace } from '../wire/trace-command.ts'
import { ClockEstimate } from './clock-estimate.ts'

export class SessionTrace implements PipeTracer<TracedPipe> {
  /** Undefined when both ends have the same clock. */
  readonly #estimate: ClockEstimate | undefined
  /** Of the message that was read from the pipe last. */
  #outgoing: Stamp | undefined
  /** Of the message that the peer sends next. */
  #incoming: Stamp | undefined
  /** A PONG whose CLOCK is still to come. */
  #answer: { readonly heard: number; readonly roundTrip: number } | undefined

  constructor(sameClock: boolean) {
    this.#estimate = sameClock ? undefined : new ClockEstimate()
  }

  get clock(): PeerClock {
    return this.#estimate ?? SAME_CLOCK
  }

  /** Whether the clocks have to be compared: a PING is then answered with a CLOCK behind the PONG. */
  get compares(): boolean {
    return this.#estimate !== undefined
  }

  // What the pipe asks and tells.

  offered(): undefined {}

  pushed(): Stamp | undefined {
    const stamp = this.#incoming
    this.#incoming = undefined
    return stamp
  }

  taken(stamp: Stamp | undefined): void {
    this.#outgoing = stamp
  }

  returned(): void {}

  // What goes out.

  /** The TRACE of the message that was read last; undefined for what is not the application's. */
  command(): Frame | undefined {
    const stamp = this.#outgoing
    return stamp && encodeTrace(stamp)
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

  /** A PING was answered, after so many milliseconds. */
  answered(roundTrip: number): void {
    this.#answer = { heard: hostTime(), roundTrip }
  }

  /** Throws `ProtocolError`. A CLOCK that we have not asked for tells nothing. */
  told(data: Frame): void {
    const time = decodeClock(data)
    const answer = this.#answer
    this.#answer = undefined
    if (answer !== undefined) this.#estimate?.add(time, answer.heard, answer.roundTrip)
  }
}
