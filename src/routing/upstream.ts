/** What subscribers send besides subscriptions, until it is received: it counts against the mark of its peer, and peers take turns. */
import { byteLengthOf, type Message } from '../message.ts'
import type { Marks, Pipe } from '../queue/pipe.ts'
import { Ring } from '../queue/ring.ts'

/** A message, and how many changes of subscriptions there were before it. */
interface Arrived {
  readonly message: Message
  readonly order: number
}

export class Upstream {
  readonly #queues = new Map<Pipe, Ring<Arrived>>()
  /** Each pipe that has a queue, once. */
  readonly #turn = new Ring<Pipe>()
  readonly #departed = { messages: 0, bytes: 0 }
  readonly #departedMarks: Marks

  /** `departed`: what may wait of peers that have disconnected, together. */
  constructor(departed: Marks) {
    this.#departedMarks = departed
  }

  /** The message was read from the pipe and is settled when it is taken. */
  add(message: Message, pipe: Pipe, order: number): void {
    let queue = this.#queues.get(pipe)
    if (queue === undefined) {
      this.#queues.set(pipe, (queue = new Ring()))
      this.#turn.push(pipe)
    }
    queue.push({ message, order })
  }

  /** The `order` of what `take` would return. */
  get next(): number | undefined {
    const pipe = this.#turn.peek()
    return pipe === undefined ? undefined : this.#queues.get(pipe)!.peek()!.order
  }

  take(): Message | undefined {
    const pipe = this.#turn.shift()
    if (pipe === undefined) return undefined
    const queue = this.#queues.get(pipe)!
    const { message } = queue.shift()!
    if (queue.length > 0) this.#turn.push(pipe)
    else this.#queues.delete(pipe)
    const bytes = byteLengthOf(message)
    if (pipe.closed) this.#count(-1, -bytes)
    // Last of all: it makes room, and room may bring more.
    pipe.settle(1, bytes)
    return message
  }

  /** The peer has disconnected. What it sent stays as far as the marks allow; returns how many messages do not. */
  leave(pipe: Pipe): number {
    const queue = this.#queues.get(pipe)
    if (queue === undefined) return 0
    let lost = 0
    for (const arrived of queue.drain()) {
      const { messages, bytes } = this.#departed
      if (messages >= this.#departedMarks.messages || bytes >= this.#departedMarks.bytes) lost++
      else {
        queue.push(arrived)
        this.#count(1, byteLengthOf(arrived.message))
      }
    }
    if (queue.length === 0) {
      this.#queues.delete(pipe)
      this.#turn.remove(pipe)
    }
    return lost
  }

  #count(messages: number, bytes: number): void {
    this.#departed.messages += messages
    this.#departed.bytes += bytes
  }
}
