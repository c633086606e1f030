/** One consumer of a socket that traces: a message is consumed when it asks for the next, or says that it is done. */
import type { Message } from '../../message.ts'
import { type Consumer, isPending, type ReceiveOptions } from '../engine.ts'
import type { Receiver } from './receiver.ts'
import type { Taken, Tracer } from './tracer.ts'

export class TracedConsumer implements Consumer {
  readonly #receiver: Receiver
  readonly #tracer: Tracer
  #open: Taken[] = []

  constructor(receiver: Receiver, tracer: Tracer) {
    this.#receiver = receiver
    this.#tracer = tracer
  }

  receive(options?: ReceiveOptions): Message | Promise<Message> {
    this.done()
    const arrived = options?.arrived
    const arrival = this.#receiver.receive(
      arrived === undefined ? options : { ...options, arrived: message => arrived(this.#took(message)) },
    )
    return isPending(arrival) ? arrival.then(message => this.#took(message)) : this.#took(arrival)
  }

  tryReceive(): Message | undefined {
    this.done()
    return this.tryMore()
  }

  tryMore(): Message | undefined {
    const message = this.#receiver.tryReceive()
    return message === undefined ? undefined : this.#took(message)
  }

  done(): void {
    if (this.#open.length === 0) return
    for (const taken of this.#open.splice(0)) this.#tracer.consumed(taken)
  }

  #took(message: Message): Message {
    const taken = this.#tracer.claim(message)
    if (taken !== undefined) this.#open.push(taken)
    return message
  }
}
