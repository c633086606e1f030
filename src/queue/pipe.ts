/** A bounded queue each way between two equal ends: the per-peer high-water mark. A socket owns one end; a session, or another socket (inproc), the other. */
import { byteLengthOf, inOwnMemory, type Message, partCountOf } from '../message.ts'
import type { Peer } from '../peer.ts'
import { Delays } from './delays.ts'
import { Ring } from './ring.ts'

/** Called by a pipe, synchronously; an owner may call back into the pipe. */
export interface PipeOwner {
  /** There is something to read where there was nothing. */
  readable(pipe: Pipe): void
  /** Much is waiting to be read (the mark, or 64 KiB): a session flushes now instead of at the end of the tick. */
  pressed(pipe: Pipe): void
  /** There is room again after an offer was refused. */
  writable(pipe: Pipe): void
  /** The far end has let go. What it wrote can still be read; what it did not read can be reclaimed. */
  detached(pipe: Pipe): void
  /** After `finish`: everything this end wrote has left. */
  drained(pipe: Pipe): void
}

/** Owns the end of a pipe that no peer has yet, or has any more: what it kept in memory is let go of. */
export const NOBODY: PipeOwner = {
  readable() {},
  pressed() {},
  writable() {},
  detached() {},
  drained() {},
}

/** Told of what is still read from a closed pipe. */
export interface Remains {
  /** A message has been read, or all that was left has been taken back. More may be pushed at once. */
  taken(): void
}

/** High-water marks of one direction: whichever is reached first. */
export interface Marks {
  readonly messages: number
  readonly bytes: number
}

/** One write of 64 KiB is what a flush lays out at once; waiting longer gains nothing. */
const PRESSED_BYTES = 64 * 1024

/** One message in 64 is timed: reading the clock for each would cost an inproc pipe a tenth of its speed. */
const TIMED_MASK = 63

export class Pipe {
  owner: PipeOwner
  /** Who is at the far end; undefined until the handshake is over. */
  peer: Peer | undefined
  /** Messages dropped at this end, for statistics; whoever drops counts. */
  dropped = 0
  /** Whether this end stands in the turn of a fair queue; kept by that queue. */
  inTurn = false
  /** Set at this end once the pipe has closed and something is left to be read here. */
  remains: Remains | undefined

  #far!: Pipe
  // All below is the direction from this end to the far one.
  readonly #ring = new Ring<Message>()
  #unsettled = 0
  #bytes = 0
  /** Of the messages in the ring. */
  #parts = 0
  #markMessages: number
  #markBytes: number
  /** At the mark, refusing or closed: the one thing that the path of a message looks at. */
  #shut = false
  /** An offer was refused, and room is not announced yet. */
  #refusing = false
  #finishing = false
  #given = false
  #closed = false
  #written = 0
  #writtenBytes = 0
  #uncovered = 0
  /** How many have to leave until the message whose wait is timed has left; 0 is none. */
  #timed = 0
  #timedSince = 0
  #delays: Delays | undefined

  protected constructor(owner: PipeOwner, marks: Marks) {
    this.owner = owner
    this.#markMessages = marks.messages
    this.#markBytes = marks.bytes
  }

  /** Two ends of one pipe. `forward` bounds what the first writes, `backward` what the second writes. */
  static pair(first: PipeOwner, second: PipeOwner, forward: Marks, backward: Marks): [Pipe, Pipe] {
    return Pipe.join(new Pipe(first, forward), new Pipe(second, backward))
  }

  protected static join<End extends Pipe>(near: End, far: End): [End, End] {
    near.#far = far
    far.#far = near
    return [near, far]
  }

  /** Adds to the marks of both directions: inproc has one queue where the wire has two. */
  widen(forward: Marks, backward: Marks): void {
    this.#markMessages += forward.messages
    this.#markBytes += forward.bytes
    this.#far.#markMessages += backward.messages
    this.#far.#markBytes += backward.bytes
    this.#shutOrNot()
    this.#far.#shutOrNot()
  }

  /** Whether `offer` would take a message now; if not, `writable` follows as after a refused offer. */
  hasRoom(): boolean {
    if (this.#shut) this.#refusing = true
    return !this.#shut
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Messages this end wrote that still count against the mark. */
  get queued(): number {
    return this.#ring.length + this.#unsettled
  }

  /** Messages this end wrote that the far end has not read. */
  get unread(): number {
    return this.#ring.length
  }

  get queuedBytes(): number {
    return this.#bytes
  }

  /** Messages this end wrote that have left, and whose arrival no answered PING has covered: for 'least-queued' dispatch. */
  get uncovered(): number {
    return this.#uncovered
  }

  /** What is uncovered of the messages read at this end; the session's to say. */
  cover(uncovered: number): void {
    this.#far.#uncovered = uncovered
  }

  /** Messages waiting here to be read. */
  get waiting(): number {
    return this.#far.#ring.length
  }

  get waitingBytes(): number {
    return this.#far.#bytes
  }

  /** All parts of the messages waiting here. */
  get waitingParts(): number {
    return this.#far.#parts
  }

  /** Messages, and their bytes, that have left this direction for good: written to the kernel or read by the far socket. */
  get sent(): number {
    return this.#written - this.queued
  }

  get sentBytes(): number {
    return this.#writtenBytes - this.#bytes
  }

  /** Messages, and their bytes, that this end has put into this direction. */
  get written(): number {
    return this.#written
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Messages, and their bytes, that the far end has put into the other direction. */
  get received(): number {
    return this.#far.#written
  }

  get receivedBytes(): number {
    return this.#far.#writtenBytes
  }

  get sendMarks(): Marks {
    return { messages: this.#markMessages, bytes: this.#markBytes }
  }

  get receiveMarks(): Marks {
    return this.#far.sendMarks
  }

  /** This end was refused, and has not been told of room since. */
  get full(): boolean {
    return this.#refusing
  }

  /** The far end was refused. */
  get holding(): boolean {
    return this.#far.#refusing
  }

  /** Waits of messages that this end wrote, in milliseconds, from the write to the end of their counting against the mark. */
  get sendDelays(): readonly number[] {
    return this.#delays?.samples ?? []
  }

  get receiveDelays(): readonly number[] {
    return this.#far.sendDelays
  }

  get #atMark(): boolean {
    const count = this.#ring.length + this.#unsettled
    return count !== 0 && (count >= this.#markMessages || this.#bytes >= this.#markBytes)
  }

  /** Takes the message, or answers false at the mark: then `writable` follows once half the queue has gone. An empty pipe takes any message. */
  offer(message: Message): boolean {
    if (this.#shut) {
      this.#refusing = true
      return false
    }
    this.#write(message)
    return true
  }

  /** Always takes the message: it was read from the wire already, or is exempt from marks. False means: now please pause. */
  push(message: Message): boolean {
    this.#write(message)
    if (!this.#shut || !this.#atMark) return true
    this.#refusing = true
    return false
  }

  /** The next message from the far end. It counts against the mark until `settle`. */
  read(): Message | undefined {
    const far = this.#far
    const message = far.#ring.shift()
    if (message === undefined) return undefined
    far.#unsettled++
    far.#parts -= partCountOf(message)
    return message
  }

  /** Gives back the credit of messages that were read, `bytes` long in all. */
  settle(count: number, bytes: number): void {
    const far = this.#far
    far.#unsettled -= count
    far.#bytes -= bytes
    if (far.#timed !== 0 && (far.#timed -= count) <= 0) far.#timeIsUp()
    if (far.#shut) far.#relieve()
    if (far.#finishing && far.queued === 0) far.owner.drained(far)
  }

  /** `read` and `settle` in one, for an end whose reader keeps nothing. */
  take(): Message | undefined {
    const far = this.#far
    const message = far.#ring.shift()
    if (message === undefined) return undefined
    const bytes = byteLengthOf(message)
    far.#bytes -= bytes
    far.#parts -= partCountOf(message)
    if (far.#timed !== 0 && --far.#timed === 0) far.#timeIsUp()
    if (far.#shut) far.#relieve()
    if (far.#finishing && far.queued === 0) far.owner.drained(far)
    return message
  }

  /** This end will write no more: `drained` follows when everything has left, at once if nothing waits. */
  finish(): void {
    this.#finishing = true
    if (this.queued === 0) this.owner.drained(this)
  }

  /** What this end wrote is the far end's from now on, read or not: nothing of it can be taken back. */
  give(): void {
    this.#given = true
  }

  /** Takes back, in order, what this end wrote and the far end has not read. */
  reclaim(): Message[] {
    if (this.#given) return []
    const messages = this.#ring.drain()
    for (const message of messages) this.#unwrite(message)
    this.#shutOrNot()
    this.#far.remains?.taken()
    return messages
  }

  /** Takes back one message; false when it has been read already. */
  revoke(message: Message): boolean {
    if (!this.#ring.remove(message)) return false
    this.#unwrite(message)
    if (this.#shut) this.#relieve()
    return true
  }

  /** Takes back the oldest message that the far end has not read. */
  dropOldest(): Message | undefined {
    const message = this.#ring.shift()
    if (message === undefined) return undefined
    this.#unwrite(message)
    this.#refusing = false
    this.#shutOrNot()
    return message
  }

  /** Puts what waits of the last `count` messages this end wrote into memory of their own: they let go of the blocks that they were read in. */
  tighten(count: number): void {
    this.#ring.replaceLast(count, inOwnMemory)
  }

  /** Ends both directions; idempotent. The far end is told once. */
  close(): void {
    if (this.#closed) return
    this.#closed = this.#shut = true
    this.#far.#closed = this.#far.#shut = true
    this.#far.owner.detached(this.#far)
  }

  #write(message: Message): void {
    const bytes = byteLengthOf(message)
    this.#bytes += bytes
    this.#writtenBytes += bytes
    this.#parts += partCountOf(message)
    this.#ring.push(message)
    const waiting = this.#ring.length
    const queued = waiting + this.#unsettled
    if ((this.#written++ & TIMED_MASK) === 0 && this.#timed === 0) this.#time(queued)
    if (queued >= this.#markMessages || this.#bytes >= this.#markBytes) this.#shut = true
    const far = this.#far
    if (waiting === 1) far.owner.readable(far)
    else if (this.#bytes >= PRESSED_BYTES || this.#shut) far.owner.pressed(far)
  }

  #unwrite(message: Message): void {
    const bytes = byteLengthOf(message)
    this.#bytes -= bytes
    this.#parts -= partCountOf(message)
    this.#written--
    this.#writtenBytes -= bytes
    this.#timed = 0
  }

  #time(queued: number): void {
    this.#timed = queued
    this.#timedSince = performance.now()
  }

  #timeIsUp(): void {
    this.#timed = 0
    this.#delays ??= new Delays()
    this.#delays.add(performance.now() - this.#timedSince)
  }

  #shutOrNot(): void {
    this.#shut = this.#closed || this.#refusing || this.#atMark
  }

  /**
   * Less counts against the mark. Room is announced when half of it has gone, so that a full pipe is not woken for each
   * message (libzmq's low-water mark).
   */
  #relieve(): void {
    if (this.#closed) {
      this.#far.remains?.taken()
      return
    }
    if (!this.#refusing) {
      this.#shutOrNot()
      return
    }
    if (this.queued > this.#markMessages / 2 || this.#bytes > this.#markBytes / 2) return
    this.#refusing = this.#shut = false
    this.owner.writable(this)
  }
}
