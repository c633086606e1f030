/** Lays messages out as the chunks of one write: small bodies are copied into a slab, large ones go by reference. */
import { type Frame, isSingle, type Message } from '../message.ts'
import { FLAG_COMMAND, FLAG_MORE, MAX_HEADER, SHORT_BODY, View, writeHeader } from './frame.ts'
import { SLAB_SIZE, type SlabPool } from './slab-pool.ts'

/** Seals what only the peer may read (CURVE). */
export interface Sealer {
  seal(flags: number, body: Frame): Frame
}

/** Up to here a copy is cheaper than one more chunk in the write. */
const COPIED = 8 * 1024
/** Up to here a loop over bytes is cheaper than `set`: it takes 5 ns a byte, `set` 45 ns whatever the length (Node 20). */
const LOOPED = 8
/** By reference at most this much a write, so that other connections get their turn. */
const REFERENCED = 1024 * 1024

export class FrameWriter {
  readonly #slabs: SlabPool
  #sealer: Sealer | undefined
  /** Slabs of the write being laid out; the last one is being filled. */
  #held: Buffer[] = []
  #slab: Buffer | undefined
  #memory: ArrayBufferLike | undefined
  #start = 0
  #used = 0
  #chunks: Frame[] = []
  #referenced = 0

  constructor(slabs: SlabPool) {
    this.#slabs = slabs
  }

  /** From now on every frame is sealed. */
  sealWith(sealer: Sealer): void {
    this.#sealer = sealer
  }

  /** Whether it is time to write. */
  get full(): boolean {
    return (
      this.#held.length > 1 ||
      this.#used > SLAB_SIZE - (MAX_HEADER + SHORT_BODY) ||
      this.#referenced >= REFERENCED
    )
  }

  get empty(): boolean {
    return this.#slab === undefined
  }

  /** Answers how many bytes the message has, without framing. */
  message(message: Message): number {
    if (isSingle(message)) {
      this.#frame(0, message)
      return message.length
    }
    const last = message.length - 1
    let bytes = message[last]!.length
    for (let index = 0; index < last; index++) {
      bytes += message[index]!.length
      this.#frame(FLAG_MORE, message[index]!)
    }
    this.#frame(0, message[last]!)
    return bytes
  }

  command(body: Frame): void {
    this.#frame(FLAG_COMMAND, body)
  }

  /** The chunks to write. They stay as they are until `release`. */
  chunks(): readonly Frame[] {
    this.#cut()
    return this.#chunks
  }

  /** The kernel has every byte: the slabs are free again. */
  release(): void {
    for (const slab of this.#held) this.#slabs.give(slab)
    this.#held = []
    this.#chunks = []
    this.#slab = this.#memory = undefined
    this.#start = this.#used = this.#referenced = 0
  }

  /** No more is written, and the kernel may still be at the last write: its slabs are not used again. */
  abandon(): void {
    this.#held = []
    this.release()
  }

  #frame(plainFlags: number, plainBody: Frame): void {
    let flags = plainFlags
    let body = plainBody
    if (this.#sealer !== undefined) {
      body = this.#sealer.seal(flags, body)
      flags = 0
    }
    const length = body.length
    const copied = length <= COPIED
    if (this.#slab === undefined || this.#used + MAX_HEADER + (copied ? length : 0) > SLAB_SIZE) this.#next()
    const slab = this.#slab!
    let at = this.#used
    if (length <= SHORT_BODY) {
      slab[at++] = flags
      slab[at++] = length
    } else {
      at = writeHeader(slab, at, flags, length)
    }
    if (length <= LOOPED) {
      for (let index = 0; index < length; index++) slab[at++] = body[index]!
      this.#used = at
    } else if (copied) {
      slab.set(body, at)
      this.#used = at + length
    } else {
      this.#used = at
      this.#cut()
      this.#chunks.push(body)
      this.#referenced += length
    }
  }

  /** What the slab has so far becomes a chunk. */
  #cut(): void {
    if (this.#used === this.#start) return
    this.#chunks.push(new View(this.#memory!, this.#slab!.byteOffset + this.#start, this.#used - this.#start))
    this.#start = this.#used
  }

  #next(): void {
    this.#cut()
    this.#slab = this.#slabs.take()
    this.#memory = this.#slab.buffer
    this.#held.push(this.#slab)
    this.#start = this.#used = 0
  }
}
