/** The reading half of a session: feeds chunks to the frame reader, and pauses the connection lazily when the reader has been stopped. */
import type { Connection } from '../transport/transport.ts'
import type { FrameReader } from '../wire/frame-reader.ts'

export class Inbound {
  readonly #connection: Connection
  readonly #reader: FrameReader
  #reading = false
  /** The reader has thrown: where the next frame would begin nobody knows. */
  #broken = false
  /** Chunks that came while the reader was stopped. */
  #held: Buffer[] = []
  #paused = false

  constructor(connection: Connection, reader: FrameReader) {
    this.#connection = connection
    this.#reader = reader
  }

  /** Whether the connection is not being read. */
  get paused(): boolean {
    return this.#paused
  }

  /** Whether something has arrived that is not read yet. */
  get pending(): boolean {
    return !this.#broken && (this.#reader.pending || this.#held.length > 0)
  }

  /** Reads a chunk, or keeps it while the reader is stopped. Throws what the reader throws. */
  feed(chunk: Buffer): void {
    if (this.pending) {
      // Only now: most stops are over before another chunk comes, and a pause costs two system calls.
      this.#held.push(chunk)
      this.#pause()
      return
    }
    this.#guarded(() => this.#reader.feed(chunk))
  }

  /** Reads on after a stop; does nothing when called from within a read. */
  readOn(): void {
    this.#guarded(() => {
      if (!this.#reader.resume()) return false
      for (let chunk = this.#held.shift(); chunk !== undefined; chunk = this.#held.shift()) {
        if (!this.#reader.feed(chunk)) return false
      }
      return true
    })
    if (this.#paused && !this.pending) {
      this.#paused = false
      this.#connection.resume()
    }
  }

  /** Reads all that has arrived, whatever the marks say: the connection is gone, and this is little. */
  readOut(): void {
    while (this.pending && !this.#reading) this.readOn()
  }

  /** Forgets what is not read. */
  discard(): void {
    this.#held = []
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection.pause()
  }

  #guarded(read: () => boolean): void {
    if (this.#reading) return
    this.#reading = true
    try {
      read()
    } catch (error) {
      this.#broken = true
      throw error
    } finally {
      this.#reading = false
    }
  }
}
