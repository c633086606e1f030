/** The reading half of a session: feeds chunks to the frame reader, and pauses the connection lazily when the reader has been stopped. */
import { isWasted } from '../message.ts'
import type { Queue } from '../queue/queue.ts'
import type { Connection } from '../transport/transport.ts'
import type { FrameReader } from '../wire/frame-reader.ts'

export class Inbound {
  readonly #connection: Connection
  readonly #reader: FrameReader
  #reading = false
  /** Chunks that came while the reader was stopped. */
  #held: Buffer[] = []
  #paused = false
  /** Where the messages go; undefined during the handshake. */
  #queue: Queue | undefined
  /** The block of memory that is being read, and what had been written into the queue before it. */
  #block: ArrayBufferLike | undefined
  #messages = 0
  #bytes = 0

  constructor(connection: Connection, reader: FrameReader) {
    this.#connection = connection
    this.#reader = reader
  }

  /** From now on messages go into this queue. */
  attach(queue: Queue): void {
    this.#queue = queue
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

  /** Where the next chunk had best be put. */
  get room(): Buffer | undefined {
    return this.#held.length === 0 ? this.#reader.room : undefined
  }

  /** Reads a chunk, or keeps it while the reader is stopped. Throws what the reader throws. */
  feed(chunk: Buffer): void {
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
