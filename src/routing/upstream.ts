/** What subscribers send besides subscriptions, until it is received: it counts against the mark of its peer, and peers take turns. */
import { byteLengthOf, type Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Marks } from '../queue/queue-ends.ts'
import { Ring } from '../queue/ring.ts'

/** A message, and how many changes of subscriptions there were before it. */
interface Arrived {
  readonly message: Message
  readonly order: number
}

export class Upstream {
  readonly #queues = new Map<Peer, Ring<Arrived>>()
  /** Each peer that has a queue, once. */
  readonly #turn = new Ring<Peer>()
  readonly #departed = { messages: 0, bytes: 0 }
  readonly #departedMarks: Marks

  /** `departed`: what may wait of peers that have disconnected, together. */
  constructor(departed: Marks) {
    this.#departedMarks = departed
  }

  /** The message was read from the peer's queue and is settled when it is taken. */
  add(message: Message, peer: Peer, order: number): void {
    let queue = this.#queues.get(peer)
    if (queue === undefined) {
      this.#queues.set(peer, (queue = new Ring()))
      this.#turn.push(peer)
    }
    queue.push({ message, order })
  }

  /** The `order` of what `take` would return. */
  get next(): number | undefined {
    const peer = this.#turn.peek()
    return peer === undefined ? undefined : this.#queues.get(peer)!.peek()!.order
  }

  take(): Message | undefined {
    const peer = this.#turn.shift()
    if (peer === undefined) return undefined
    const queue = this.#queues.get(peer)!
    const { message } = queue.shift()!
    if (queue.length > 0) this.#turn.push(peer)
    else this.#queues.delete(peer)
    const bytes = byteLengthOf(message)
    if (peer.incoming.closed) this.#count(-1, -bytes)
    // Last of all: it makes room, and room may bring more.
    peer.incoming.settle(1, bytes)
    return message
  }

  /** The peer has disconnected. What it sent stays as far as the marks allow; returns how many messages do not. */
  leave(peer: Peer): number {
    const queue = this.#queues.get(peer)
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
      this.#queues.delete(peer)
      this.#turn.remove(peer)
    }
    return lost
  }

  #count(messages: number, bytes: number): void {
    this.#departed.messages += messages
    this.#departed.bytes += bytes
  }
}
