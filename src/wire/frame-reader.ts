/** Turns the chunks of a byte stream into whole messages and commands. Does no I/O; any split of the stream gives the same result. */
import { MessageSizeError, ProtocolError } from '../errors.ts'
import { type Frame, inOwnMemory, isWasted, type Message } from '../message.ts'
import { FLAG_COMMAND, FLAG_LONG, FLAG_MORE, MAX_HEADER, SHORT_HEADER, View } from './frame.ts'

/** Answers false to stop reading after this one; `resume` then goes on. */
export interface FrameSink {
  message(message: Message): boolean
  command(body: Frame): boolean
}

export interface FrameLimits {
  /** Bytes of all parts of a message, or of a command. */
  maxMessageSize: number
  maxParts: number
}

/** Opens what a peer has sealed (CURVE). */
export interface Opener {
  /** Bytes by which a sealed body is longer than what it holds. */
  readonly overhead: number
  open(body: Frame): { readonly flags: number; readonly body: Frame }
}

/**
 * A length is only the peer's word: this much is allocated on it, and beyond that as much again as has arrived.
 * 1 MiB keeps messages up to that size at one copy.
 */
const BELIEVED = 1024 * 1024

/** Shorter rests of a body are read with what follows them, and copied. */
const WORTH_ROOM = 16 * 1024

export class FrameReader {
  /** Who is told; it may change while it is told. */
  sink: FrameSink
  readonly #limits: FrameLimits
  #opener: Opener | undefined
  #overhead = 0

  #chunk: Buffer | undefined
  #offset = 0
  #stopped = false

  /** Bytes of a header that a chunk's end has cut. */
  #header: Buffer | undefined
  #headerLength = 0

  /** The frame whose body is being assembled; undefined between frames. */
  #body: Buffer | undefined
  #bodyLength = 0
  #filled = 0
  #flags = 0

  /** The parts of a message whose last part is still to come; the first one alone, as most messages of several parts have two. */
  #first: Frame | undefined
  #parts: Frame[] | undefined
  #partsLength = 0

  /** No frame is cut, nothing is sealed: the fast path may look at a header. */
  #plain = true

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.sink = sink
    this.#limits = limits
  }

  /** From now on every frame is sealed. */
  openWith(opener: Opener): void {
    this.#opener = opener
    this.#overhead = opener.overhead
    this.#plain = false
  }

  /** Whether the sink has stopped us, be it after the last byte we have; `resume` is due before `feed`. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Bytes of the chunk that is kept since the sink has stopped us: all of it stays in memory. */
  get kept(): number {
    return this.#chunk?.length ?? 0
  }

  /** Where the next bytes had best be put before they are fed: the rest of a long body under way. */
  get room(): Buffer | undefined {
    const body = this.#body
    if (body === undefined || this.#chunk !== undefined) return undefined
    const length = body.length - this.#filled
    return length < WORTH_ROOM ? undefined : new View(body.buffer, body.byteOffset + this.#filled, length)
  }

  /** Reads the chunk, which becomes the messages' memory. False: the sink stopped us and the rest is kept. Not to be called while `stopped`. */
  feed(chunk: Buffer): boolean {
    this.#chunk = chunk
    this.#offset = 0
    return this.resume()
  }

  /** Reads on after a stop. Throws `ProtocolError` or `MessageSizeError`; the reader is then of no more use. */
  resume(): boolean {
    this.#stopped = false
    const chunk = this.#chunk
    if (chunk === undefined) return true
    const memory = chunk.buffer
    const base = chunk.byteOffset
    const end = chunk.length
    let offset = this.#offset
    while (offset < end && !this.#stopped) {
      // A whole frame of a message, the commonest by far.
      if (this.#plain && offset + 1 < end) {
        let start = offset + SHORT_HEADER
        let length = chunk[offset + 1]!
        const flags = chunk[offset]!
        if ((flags & FLAG_LONG) !== 0) {
          start = offset + MAX_HEADER
          length = longLength(chunk, offset, end)
        }
        if (flags <= (FLAG_MORE | FLAG_LONG) && start + length <= end) {
          const body = new View(memory, base + start, length)
          offset = start + length
          const size = length + this.#partsLength
          if (size > this.#limits.maxMessageSize) this.#refuse(size)
          if ((flags & FLAG_MORE) !== 0) this.#part(body)
          else if (!this.sink.message(this.#first === undefined ? body : this.#assemble(body)))
            this.#stopped = true
          continue
        }
      }
      offset = this.#step(chunk, offset)
    }
    if (offset < end) this.#offset = offset
    else {
      this.#chunk = undefined
      if (this.#first !== undefined) this.#tightenParts(memory)
    }
    return !this.#stopped
  }

  /** Reads a header or a piece of a body; answers where it ended. */
  #step(chunk: Buffer, start: number): number {
    let offset = start
    if (this.#body === undefined) {
      offset = this.#readHeader(chunk, offset)
      if (this.#headerLength > 0) return offset
      const end = offset + this.#bodyLength
      if (end <= chunk.length) {
        this.#complete(this.#flags, new View(chunk.buffer, chunk.byteOffset + offset, this.#bodyLength))
        return end
      }
      this.#body = NO_BYTES
      this.#filled = 0
      this.#plain = false
    }
    return this.#fill(this.#body, chunk, offset)
  }

  /** Copies what the chunk has of the body. */
  #fill(assembled: Buffer, chunk: Buffer, offset: number): number {
    const filled = this.#filled
    const take = Math.min(this.#bodyLength - filled, chunk.length - offset)
    let body = assembled
    if (body.length < filled + take) {
      body = Buffer.allocUnsafeSlow(Math.min(this.#bodyLength, Math.max(BELIEVED, 2 * (filled + take))))
      assembled.copy(body, 0, 0, filled)
      this.#body = body
    }
    // What was read into `room` is in place.
    if (chunk.buffer !== body.buffer) chunk.copy(body, filled, offset, offset + take)
    this.#filled = filled + take
    if (this.#filled === this.#bodyLength) {
      this.#body = undefined
      this.#complete(this.#flags, body)
    }
    return offset + take
  }

  /** Reads flags and length. Sets `#headerLength` to 0 when they are complete, else to what has been kept. */
  #readHeader(chunk: Buffer, offset: number): number {
    let source = chunk
    let at = offset
    let gathered = offset
    if (this.#headerLength > 0 || chunk.length - offset < MAX_HEADER) {
      // Near a chunk's end, or after one: byte by byte.
      this.#header ??= Buffer.alloc(MAX_HEADER)
      while (this.#headerLength < this.#headerSize()) {
        if (gathered === chunk.length) {
          this.#plain = false
          return gathered
        }
        this.#header[this.#headerLength++] = chunk[gathered++]!
      }
      source = this.#header
      at = 0
      this.#headerLength = 0
    }
    const flags = source[at]!
    if (flags > 7 || (flags & (FLAG_MORE | FLAG_COMMAND)) === (FLAG_MORE | FLAG_COMMAND)) {
      throw new ProtocolError(`a frame has the flags 0x${flags.toString(16)}`)
    }
    const long = (flags & FLAG_LONG) !== 0
    const length = long
      ? source.readUInt32BE(at + 1) * 2 ** 32 + source.readUInt32BE(at + 5)
      : source[at + 1]!
    const total = length - this.#overhead + this.#partsLength
    if (total > this.#limits.maxMessageSize) this.#refuse(total)
    this.#flags = flags & ~FLAG_LONG
    this.#bodyLength = length
    return source === this.#header ? gathered : offset + (long ? MAX_HEADER : 2)
  }

  /** Bytes the header under way needs, as far as its flags tell. */
  #headerSize(): number {
    if (this.#headerLength === 0) return 1
    return (this.#header![0]! & FLAG_LONG) !== 0 ? MAX_HEADER : 2
  }

  #complete(outerFlags: number, outerBody: Buffer): void {
    let flags = outerFlags
    let body: Frame = outerBody
    if (this.#opener !== undefined) {
      if (flags !== 0) throw new ProtocolError('a frame in clear on a sealed connection')
      const opened = this.#opener.open(body)
      flags = opened.flags
      body = opened.body
    }
    if ((flags & FLAG_COMMAND) !== 0) {
      // libzmq sends its PINGs also between the parts of a message.
      if (!this.sink.command(body)) this.#stopped = true
    } else if ((flags & FLAG_MORE) !== 0) this.#part(body)
    else if (!this.sink.message(this.#first === undefined ? body : this.#assemble(body))) this.#stopped = true
    this.#plain = this.#opener === undefined
  }

  /** One part, with more to come. */
  #part(body: Frame): void {
    const parts = this.#parts
    const before = this.#first === undefined ? 0 : (parts?.length ?? 1)
    if (before + 2 > this.#limits.maxParts) {
      throw new MessageSizeError(`a message of more than ${this.#limits.maxParts} parts`)
    }
    if (before === 0) this.#first = body
    else if (parts === undefined) this.#parts = [this.#first!, body]
    else parts.push(body)
    this.#partsLength += body.length
    if (this.#partsLength > this.#limits.maxMessageSize) this.#refuse(this.#partsLength)
  }

  /** Parts that wait for more parts must not keep the block that they were read in, when it held little of them. */
  #tightenParts(block: ArrayBufferLike): void {
    const parts = this.#parts ?? [this.#first!]
    let from = parts.length
    let bytes = 0
    while (from > 0 && parts[from - 1]!.buffer === block) bytes += parts[--from]!.length
    if (!isWasted(block, parts.length - from, bytes)) return
    for (let index = from; index < parts.length; index++) parts[index] = inOwnMemory(parts[index]!) as Frame
    if (from === 0) this.#first = parts[0]
  }

  #assemble(last: Frame): readonly Frame[] {
    const first = this.#first!
    const parts = this.#parts
    this.#first = this.#parts = undefined
    this.#partsLength = 0
    if (parts === undefined) return [first, last]
    parts.push(last)
    return parts
  }

  #refuse(size: number): never {
    throw new MessageSizeError(
      `a message of ${size} bytes or more; ${this.#limits.maxMessageSize} are allowed`,
    )
  }
}

/** The length in the long header at `at`; Infinity when the header is cut or speaks of 4 GiB or more. */
function longLength(chunk: Buffer, at: number, end: number): number {
  if (at + MAX_HEADER > end) return Infinity
  if ((chunk[at + 1]! | chunk[at + 2]! | chunk[at + 3]! | chunk[at + 4]!) !== 0) return Infinity
  return chunk[at + 5]! * 2 ** 24 + ((chunk[at + 6]! << 16) | (chunk[at + 7]! << 8) | chunk[at + 8]!)
}

const NO_BYTES = Buffer.alloc(0)
