/** Gives a message to every peer that wants it (RFC 29). A peer at its high-water mark misses it, or all wait: option onFull. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Stamp } from '../queue/stamp.ts'
import type { Sent, StrategyContext } from './routing-strategy.ts'

export class FanOut {
  readonly #context: StrategyContext

  constructor(context: StrategyContext) {
    this.#context = context
  }

  send(message: Message, peers: readonly Peer[], stamp?: Stamp): Sent {
    if (this.#context.options.onFull === 'wait') {
      // No peer gets it before all can, and what is sent later waits behind it: all peers see one order.
      for (const { outgoing } of peers) {
        if (outgoing.hasRoom) continue
        outgoing.awaitRoom()
        return 'full'
      }
    }
    for (const peer of peers) if (!peer.outgoing.offer(message, stamp)) this.#overflow(message, peer, stamp)
    return 'taken'
  }

  #overflow(message: Message, peer: Peer, stamp: Stamp | undefined): void {
    if (this.#context.options.onFull === 'drop-oldest') {
      // A message that is being written cannot be dropped; if no other waits, the new one is.
      while (peer.outgoing.dropOldest() !== undefined) {
        this.#context.dropped('high-water-mark', peer)
        if (peer.outgoing.offer(message, stamp)) return
      }
    }
    this.#context.dropped('high-water-mark', peer)
  }
}
