/** Which of a Router's peers are REQ sockets, by routing id, kept up by events: a look-up a message must be cheap. */

import { keyOf } from '../bytes.ts'
import type { EngineSocket } from '../engine/engine.ts'

/** What a peer sent can still be received when it has gone, so the last ones to go are remembered. */
const REMEMBERED = 1000

export class Requesters {
  readonly #here = new Set<string>()
  /** In the order they went. */
  readonly #gone = new Set<string>()

  constructor(socket: EngineSocket) {
    socket.events.on('handshake', ({ peer }) => {
      if (peer.routingId === undefined) return
      const id = keyOf(peer.routingId)
      this.#gone.delete(id)
      if (peer.socketType === 'REQ') this.#here.add(id)
      else this.#here.delete(id)
    })
    socket.events.on('disconnect', ({ peer }) => {
      if (peer.routingId === undefined) return
      const id = keyOf(peer.routingId)
      if (this.#here.delete(id)) this.#gone.add(id)
      if (this.#gone.size > REMEMBERED) this.#gone.delete(this.#gone.values().next().value!)
    })
  }

  has(id: Uint8Array): boolean {
    if (this.#here.size === 0 && this.#gone.size === 0) return false
    const key = keyOf(id)
    return this.#here.has(key) || this.#gone.has(key)
  }
}
