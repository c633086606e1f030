/** Takes one message from each peer in turn, so that none is starved (RFC 30, "fair-queuing"). */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'

export class FairQueue {
  /** Peers from which there is something to read, as far as we know. */
  readonly #active: Peer[] = []
  #next = 0
  /** Who sent what was received last. */
  source: Peer | undefined

  /** The peer has sent something. One that has gone stays until its queue is empty. */
  readable(peer: Peer): void {
    if (peer.inTurn) return
    peer.inTurn = true
    this.#active.push(peer)
  }

  receive(): Message | undefined {
    const active = this.#active
    while (active.length > 0) {
      if (this.#next >= active.length) this.#next = 0
      const peer = active[this.#next]!
      // In turn before it is asked: reading makes room, and room may make the other end write at once.
      const message = peer.incoming.take()
      if (message !== undefined) {
        this.#next++
        this.source = peer
        return message
      }
      peer.inTurn = false
      active[this.#next] = active[active.length - 1]!
      active.pop()
    }
    return undefined
  }
}
