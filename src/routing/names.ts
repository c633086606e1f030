/** The names by which a ROUTER addresses its peers: their own routing id, or one made up here. */
import { type Frame, keyOf } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'

export class Names {
  readonly #pipes = new Map<string, Pipe>()
  /** Kept while messages of a peer that has gone wait to be received. */
  readonly #names = new WeakMap<Pipe, Frame>()
  /** By the very frame handed out, which most answers bring back: no key need be made of its bytes. */
  readonly #byFrame = new Map<Frame, Pipe>()
  /** Starts anywhere, so that a restarted router does not take old names for its own; nobody need be unable to guess it. */
  #counter = Math.floor(Math.random() * 2 ** 32)

  /** Names the pipe. Without a name given: a zero byte, which no peer may choose, and four more (RFC 28). */
  add(pipe: Pipe, given: Frame | undefined): void {
    const name = given ?? this.#fresh()
    const former = this.#pipes.get(keyOf(name))
    if (former !== undefined) this.#byFrame.delete(this.#names.get(former)!)
    this.#pipes.set(keyOf(name), pipe)
    this.#names.set(pipe, name)
    this.#byFrame.set(name, pipe)
  }

  /** Nothing can be sent by this pipe's name any more, unless the name has been taken over. */
  delete(pipe: Pipe): void {
    const name = this.#names.get(pipe)
    if (name === undefined || this.#pipes.get(keyOf(name)) !== pipe) return
    this.#pipes.delete(keyOf(name))
    this.#byFrame.delete(name)
  }

  pipe(name: Frame): Pipe | undefined {
    return this.#byFrame.get(name) ?? this.#pipes.get(keyOf(name))
  }

  name(pipe: Pipe): Frame | undefined {
    return this.#names.get(pipe)
  }

  #fresh(): Frame {
    const name = Buffer.alloc(5)
    do {
      this.#counter = (this.#counter + 1) >>> 0
      name.writeUInt32BE(this.#counter, 1)
    } while (this.#pipes.has(keyOf(name)))
    return name
  }
}
