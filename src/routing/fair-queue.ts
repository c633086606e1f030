/** Takes one message from each peer in turn, so that none is starved (RFC 30, "fair-queuing"). */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'

export class FairQueue {
  /** Pipes that have something to read, as far as we know. */
  readonly #active: Pipe[] = []
  #next = 0
  /** Where the message last received came from. */
  last: Pipe | undefined

  /** The pipe has something to read. A pipe that has closed stays until it is empty. */
  readable(pipe: Pipe): void {
    if (pipe.inTurn) return
    pipe.inTurn = true
    this.#active.push(pipe)
  }

  receive(): Message | undefined {
    const active = this.#active
    while (active.length > 0) {
      if (this.#next >= active.length) this.#next = 0
      const pipe = active[this.#next]!
      // In turn before it is asked: reading makes room, and room may make the far end write at once.
      const message = pipe.take()
      if (message !== undefined) {
        this.#next++
        this.last = pipe
        return message
      }
      pipe.inTurn = false
      active[this.#next] = active[active.length - 1]!
      active.pop()
    }
    return undefined
  }
}
