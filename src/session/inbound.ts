/** The reading half of a session: feeds chunks to the frame reader, and pauses the connection lazily when the reader has been stopped. */
import { isWasted } from '../message.ts'
import type { Queue } from '../queue/queue.ts'
import type { QueueWriter } from '../queue/queue-ends.ts'
import type { ByteReader, Connection } from '../transport/transport.ts'
import type { FrameReader } from '../wire/frame-reader.ts'
import type { Handshaking } from './handshaking.ts'

/** The session, as its reading half tells it. */
export interface InboundOwner {
  /** The peer has sent what it may not send; or the fault is ours. */
  violated(error: unknown): void
}

export class Inbound implements ByteReader, QueueWriter {
  /** How many chunks have come: each is a sign of life. */
  chunks = 0
  readonly #owner: InboundOwner
  readonly #connection: Connection
  readonly #reader: FrameReader
  /** Reads what comes before frames; gone once the peer is in. */
  #handshaking: Handshaking | undefined
  #reading = false
  /** Chunks that came while the reader was stopped. */
  #held: Buffer[] = []
  #paused = false
  #ended = false
  /** Where the messages go; undefined during the handshake. */
  #queue: Queue | undefined
  /** The block of memory that is being read, and what had been written into the queue before it. */
  #block: ArrayBufferLike | undefined
  #messages = 0
  #bytes = 0

  constructor(owner: InboundOwner, connection: Connection, reader: FrameReader, handshaking: Handshaking) {
    this.#owner = owner
    this.#connection = connection
    this.#reader = reader
    this.#handshaking = handshaking
  }

  /** The peer is in: from now on its messages go into this queue. */
  attach(queue: Queue): void {
    this.#handshaking = undefined
    this.#queue = queue
    queue.writer = this
  }

  /** Whether the connection is not being read. */
  get paused(): boolean {
    return this.#paused
  }

  /** Whether a read is under way, from within which we are called. */
  get reading(): boolean {
    return this.#reading
  }

  /** Whether the reader waits to be told to read on. */
  get stopped(): boolean {
    return this.#reader.stopped
  }

  get room(): Buffer | undefined {
    return this.#held.length === 0 ? this.#reader.room : undefined
  }

  data(chunk: Buffer): void {
    if (this.#ended) return
    this.chunks++
    try {
      const rest = this.#handshaking?.greet(chunk) ?? chunk
      if (rest.length > 0) this.#feed(rest)
    } catch (error) {
      this.#owner.violated(error)
    }
  }

  // What the queue tells.

  /** There is room: what was stopped is read on. */
  writable(): void {
    try {
      this.readOn()
    } catch (error) {
      this.#owner.violated(error)
    }
  }

  drained(): void {}

  /** Reads a chunk, or keeps it while the reader is stopped. Throws what the reader throws. */
  #feed(chunk: Buffer): void {
    if (this.stopped) {
      // Only now: most stops are over before another chunk comes, and a pause costs two system calls.
      this.#held.push(chunk)
      this.#pause()
      return
    }
    if (this.#reading) return
    this.#reading = true
    try {
      this.#read(chunk)
    } finally {
      this.#reading = false
    }
  }

  /** Reads on after a stop; does nothing when called from within a read. */
  readOn(): void {
    if (this.#reading || !this.stopped) return
    this.#reading = true
    try {
      let goingOn = this.#reader.resume()
      this.#tighten()
      while (goingOn && this.#held.length > 0) goingOn = this.#read(this.#held.shift()!)
    } finally {
      this.#reading = false
    }
    if (this.#paused && !this.stopped) {
      this.#paused = false
      this.#connection.resume()
    }
  }

  /** Bytes in memory that have arrived and are not read to their end. */
  get held(): number {
    let bytes = this.#reader.kept
    for (const chunk of this.#held) bytes += chunk.length
    return bytes
  }

  /** The connection has ended: nothing more comes, and there is nothing to resume. */
  end(): void {
    this.#ended = true
    this.#paused = false
  }

  /** Forgets what is not read. */
  discard(): void {
    this.#held = []
  }

  #read(chunk: Buffer): boolean {
    this.#block = chunk.buffer
    this.#messages = this.#queue?.meter.written ?? 0
    this.#bytes = this.#queue?.meter.writtenBytes ?? 0
    const goingOn = this.#reader.feed(chunk)
    this.#tighten()
    return goingOn
  }

  /**
   * A message is a view of the block that it was read in, and keeps all of it. When the block is read to its end, few messages
   * came out of it and they were not taken at once, they are copied: what waits may keep no more than a few times what it counts.
   */
  #tighten(): void {
    const queue = this.#queue
    if (queue === undefined || this.#block === undefined || this.#reader.kept > 0) return
    const { written, writtenBytes } = queue.meter
    const messages = written - this.#messages
    if (messages > 0 && isWasted(this.#block, messages, writtenBytes - this.#bytes)) queue.tighten(messages)
    this.#block = undefined
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection.pause()
  }
}
