/** Messages on their way in one direction: one writer, one reader, and the high-water mark of one peer. */
import { byteLengthOf, inOwnMemory, type Message } from '../message.ts'
import { Meter } from './meter.ts'
import { type Marks, NOBODY, type QueueReader, type QueueWriter, type Unsent } from './queue-ends.ts'
import { Ring } from './ring.ts'
import type { Stamp } from './stamp.ts'
import type { Stamps } from './stamps.ts'

/** One write of 64 KiB is what a session lays out at once; waiting longer gains nothing. */
const PRESSED_BYTES = 64 * 1024

export class Queue {
  writer: QueueWriter = NOBODY
  reader: QueueReader = NOBODY
  readonly meter = new Meter()
  /** Beside the messages, where the socket traces. */
  readonly stamps: Stamps | undefined
  readonly #messages = new Ring<Message>()
  /** Read and not settled. */
  #unsettled = 0
  /** Of all that counts against the mark. */
  #bytes = 0
  #markMessages: number
  #markBytes: number
  /** At the mark, refusing or closed: the one thing that the path of a message looks at. */
  #shut = false
  /** A message was refused, and room is not announced yet. */
  #refusing = false
  #finishing = false
  #closed = false

  constructor(marks: Marks, stamps?: Stamps) {
    this.#markMessages = marks.messages
    this.#markBytes = marks.bytes
    this.stamps = stamps
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Messages that count against the mark. */
  get length(): number {
    return this.#messages.length + this.#unsettled
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Messages that wait to be read. */
  get unread(): number {
    return this.#messages.length
  }

  /** Messages that have left for good: written to the kernel, or taken by the socket that reads. */
  get passed(): number {
    return this.meter.written - this.length
  }

  get passedBytes(): number {
    return this.meter.writtenBytes - this.#bytes
  }

  get marks(): Marks {
    return { messages: this.#markMessages, bytes: this.#markBytes }
  }

  /** Whether `offer` would take a message now. */
  get hasRoom(): boolean {
    return !this.#shut
  }

  /** Whether the writer waits for `writable`. */
  get awaitsRoom(): boolean {
    return this.#refusing
  }

  get #atMark(): boolean {
    const count = this.#messages.length + this.#unsettled
    return count !== 0 && (count >= this.#markMessages || this.#bytes >= this.#markBytes)
  }

  // What the writer does.

  /** Takes the message, or answers false at the mark: then `writable` follows once half the queue has gone. An empty queue takes any message. */
  offer(message: Message, stamp?: Stamp): boolean {
    if (this.#shut) {
      this.#refusing = true
      return false
    }
    this.#write(message, stamp)
    return true
  }

  /** Always takes the message: it was read from the wire already, or is exempt from marks. False means: now please pause, `writable` follows. */
  push(message: Message, stamp?: Stamp): boolean {
    this.#write(message, stamp)
    if (!this.#shut || !this.#atMark) return true
    this.#refusing = true
    return false
  }

  /** As after an offer that was refused: `writable` follows, unless there is room. */
  awaitRoom(): void {
    if (this.#shut) this.#refusing = true
  }

  /** Nothing more is written: `drained` follows when everything has left, at once if nothing waits. */
  finish(): void {
    this.#finishing = true
    if (this.length === 0) this.writer.drained()
  }

  /** Takes back, in order, what is not read. */
  reclaim(): Unsent[] {
    const unsent = this.#messages.drain().map(message => ({ message, stamp: this.stamps?.takeBack() }))
    for (const { message } of unsent) this.#unwrite(message)
    this.#shutOrNot()
    if (this.#closed) this.writer.writable()
    return unsent
  }

  /** Takes back one message; false when it has been read already. */
  revoke(message: Message): boolean {
    const at = this.#messages.remove(message)
    if (at < 0) return false
    this.stamps?.removeAt(at)
    this.#unwrite(message)
    if (this.#shut) this.#relieve()
    return true
  }

  /** Takes back the oldest message that is not read. */
  dropOldest(): Message | undefined {
    const message = this.#messages.shift()
    if (message === undefined) return undefined
    this.stamps?.drop()
    this.#unwrite(message)
    this.#refusing = false
    this.#shutOrNot()
    return message
  }

  /** Puts what waits of the last `count` messages into memory of their own: they let go of the blocks that they were read in. */
  tighten(count: number): void {
    this.#messages.replaceLast(count, inOwnMemory)
  }

  // What the reader does.

  /** The next message. It counts against the mark until `settle`. */
  read(): Message | undefined {
    const message = this.#messages.shift()
    if (message === undefined) return undefined
    this.stamps?.next()
    this.#unsettled++
    return message
  }

  /** Gives back the credit of messages that were read, `bytes` long in all. */
  settle(count: number, bytes: number): void {
    this.#unsettled -= count
    this.#left(count, bytes)
  }

  /** `read` and `settle` in one, for a reader that keeps nothing. */
  take(): Message | undefined {
    const message = this.#messages.shift()
    if (message === undefined) return undefined
    this.stamps?.next()
    this.#left(1, byteLengthOf(message))
    return message
  }

  // What either may do.

  /** Adds to the marks: a queue between two sockets stands for the two that a wire would have. */
  widen(marks: Marks): void {
    this.#markMessages += marks.messages
    this.#markBytes += marks.bytes
    // Whoever widens knows, and tells those who wait for room.
    if (!this.#atMark) this.#refusing = false
    this.#shutOrNot()
  }

  /** Nothing is written any more; what is unread can still be read, or reclaimed. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = this.#shut = true
    this.writer = NOBODY
  }

  /** The messages that wait to be read, oldest first; for those who count them. */
  [Symbol.iterator](): IterableIterator<Message> {
    return this.#messages[Symbol.iterator]()
  }

  #write(message: Message, stamp: Stamp | undefined): void {
    const bytes = byteLengthOf(message)
    this.#bytes += bytes
    this.#messages.push(message)
    this.stamps?.push(stamp)
    const unread = this.#messages.length
    const length = unread + this.#unsettled
    this.meter.wrote(bytes, length)
    if (length >= this.#markMessages || this.#bytes >= this.#markBytes) this.#shut = true
    if (unread === 1) this.reader.readable()
    else if (this.#bytes >= PRESSED_BYTES || this.#shut) this.reader.pressed()
  }

  #unwrite(message: Message): void {
    const bytes = byteLengthOf(message)
    this.#bytes -= bytes
    this.meter.unwrote(bytes)
  }

  #left(count: number, bytes: number): void {
    this.#bytes -= bytes
    this.meter.left(count)
    if (this.#shut) this.#relieve()
    if (this.#finishing && this.length === 0) this.writer.drained()
  }

  #shutOrNot(): void {
    this.#shut = this.#closed || this.#refusing || this.#atMark
  }

  /**
   * Less counts against the mark. Room is announced when half of it has gone, so that a full queue does not wake its writer
   * for each message (libzmq's low-water mark).
   */
  #relieve(): void {
    if (this.#closed) {
      this.writer.writable()
      return
    }
    if (!this.#refusing) {
      this.#shutOrNot()
      return
    }
    if (this.length > this.#markMessages / 2 || this.#bytes > this.#markBytes / 2) return
    this.#refusing = this.#shut = false
    this.writer.writable()
  }
}
