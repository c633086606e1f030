/** Gives each message to the next peer in turn that has room (RFC 30, RFC 28: round-robin). Never blocks. */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import { Ring } from '../queue/ring.ts'

export interface LoadBalancerOptions {
  readonly dispatch: 'round-robin' | 'least-queued'
  /** Told of every message a pipe has taken, also when it was re-routed. */
  readonly placed?: (message: Message, pipe: Pipe) => void
  /** What this pipe gets for the message. */
  readonly shaped?: (message: Message, pipe: Pipe) => Message
}

export class LoadBalancer {
  readonly #leastQueued: boolean
  readonly #placed: ((message: Message, pipe: Pipe) => void) | undefined
  readonly #shaped: ((message: Message, pipe: Pipe) => Message) | undefined
  /** Connected, and with room as far as we know. */
  readonly #active: Pipe[] = []
  /** Not connected yet: chosen only when no connected one has room. */
  readonly #early: Pipe[] = []
  #next = 0
  #nextEarly = 0
  /** What dead pipes had not begun to write, oldest first: goes ahead of new sends. */
  readonly #returned = new Ring<Message>()

  constructor(options: LoadBalancerOptions) {
    this.#leastQueued = options.dispatch === 'least-queued'
    this.#placed = options.placed
    this.#shaped = options.shaped
  }

  get returned(): number {
    return this.#returned.length
  }

  attach(pipe: Pipe): void {
    if (pipe.peer === undefined) this.#early.push(pipe)
    else this.#active.push(pipe)
    this.#giveBack()
  }

  opened(pipe: Pipe): void {
    remove(this.#early, pipe)
    this.#active.push(pipe)
    this.#giveBack()
  }

  writable(pipe: Pipe): void {
    if (pipe.peer !== undefined && !this.#active.includes(pipe)) this.#active.push(pipe)
    this.#giveBack()
  }

  /** Answers what the pipe had not begun to write; it waits here for the next pipe, or has gone to one already. */
  detach(pipe: Pipe): readonly Message[] {
    remove(this.#active, pipe)
    remove(this.#early, pipe)
    const messages = pipe.reclaim()
    for (const message of messages) this.#returned.push(message)
    this.#giveBack()
    return messages
  }

  /** Gives the message to a pipe; false when none has room. */
  send(message: Message): boolean {
    return (this.#returned.length === 0 || this.#giveBack()) && this.#place(message)
  }

  /** Takes back a message that waits for the next pipe. */
  revoke(message: Message): boolean {
    return this.#returned.remove(message)
  }

  /** True once nothing is left to give. */
  #giveBack(): boolean {
    for (let message = this.#returned.peek(); message !== undefined; message = this.#returned.peek()) {
      // Out of the ring first: a pipe's owner may call back into us.
      this.#returned.shift()
      if (this.#place(message)) continue
      this.#returned.unshift(message)
      return false
    }
    return true
  }

  #place(message: Message): boolean {
    const pipe = this.#offer(message)
    if (pipe === undefined) return false
    this.#placed?.(message, pipe)
    return true
  }

  #offer(message: Message): Pipe | undefined {
    const active = this.#active
    while (active.length > 0) {
      if (this.#next >= active.length) this.#next = 0
      const at = this.#leastQueued ? leastQueued(active, this.#next) : this.#next
      const pipe = active[at]!
      if (pipe.offer(this.#shaped === undefined ? message : this.#shaped(message, pipe))) {
        this.#next = at + 1
        return pipe
      }
      // It tells us when it is writable again.
      active[at] = active[active.length - 1]!
      active.pop()
    }
    for (let tried = 0; tried < this.#early.length; tried++) {
      const pipe = this.#early[this.#nextEarly++ % this.#early.length]!
      if (pipe.offer(message)) return pipe
    }
    return undefined
  }
}

/** Equals take turns: the search begins with the one whose turn it is. */
function leastQueued(pipes: readonly Pipe[], start: number): number {
  let best = start
  let least = Infinity
  for (let tried = 0; tried < pipes.length; tried++) {
    const at = (start + tried) % pipes.length
    const load = pipes[at]!.queued + pipes[at]!.uncovered
    if (load >= least) continue
    least = load
    best = at
  }
  return best
}

function remove(pipes: Pipe[], pipe: Pipe): void {
  const at = pipes.indexOf(pipe)
  if (at >= 0) pipes.splice(at, 1)
}
