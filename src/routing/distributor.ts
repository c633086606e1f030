/** Gives a message to every peer that wants it (RFC 29); a peer at its mark misses it, or all wait. */
import type { Message } from '../message.ts'
import type { Pipe } from '../queue/pipe.ts'
import type { Sent, StrategyContext } from './routing-strategy.ts'

export class Distributor {
  readonly #context: StrategyContext

  constructor(context: StrategyContext) {
    this.#context = context
  }

  send(message: Message, pipes: readonly Pipe[]): Sent {
    if (this.#context.options.onFull === 'wait') {
      // Nobody gets it before everybody can, and what is sent later waits behind it: all peers see one order.
      for (const pipe of pipes) if (!pipe.hasRoom()) return 'full'
    }
    for (const pipe of pipes) if (!pipe.offer(message)) this.#overflow(message, pipe)
    return 'taken'
  }

  #overflow(message: Message, pipe: Pipe): void {
    if (this.#context.options.onFull === 'drop-oldest') {
      // What is being written can no longer be dropped; then the newest is.
      while (pipe.dropOldest() !== undefined) {
        this.#context.dropped('high-water-mark', pipe)
        if (pipe.offer(message)) return
      }
    }
    this.#context.dropped('high-water-mark', pipe)
  }
}
