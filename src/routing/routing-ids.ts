/** The routing ids by which a ROUTER addresses its peers: their own, or one made up here. */
import { copyOf, keyOf } from '../bytes.ts'
import type { Frame } from '../message.ts'
import type { Peer } from '../peer/peer.ts'

export class RoutingIds {
  readonly #peers = new Map<string, Peer>()
  /** Kept while messages of a peer that has gone wait to be received. */
  readonly #ids = new WeakMap<Peer, Frame>()
  /** By the very frame handed out, which most answers bring back: no key need be made of its bytes. */
  readonly #byFrame = new Map<Frame, Peer>()
  /** Starts anywhere, so that a restarted router does not take old names for its own; nobody need be unable to guess it. */
  #counter = Math.floor(Math.random() * 2 ** 32)

  /** Names the peer. Without a name given: a zero byte, which no peer may choose, and four more (RFC 28). */
  add(peer: Peer, given: Frame | undefined): void {
    const name = given ?? this.#fresh()
    const former = this.#peers.get(keyOf(name))
    if (former !== undefined) this.#byFrame.delete(this.#ids.get(former)!)
    this.#peers.set(keyOf(name), peer)
    this.#ids.set(peer, name)
    this.#byFrame.set(name, peer)
  }

  /** Nothing can be sent by this peer's name any more, unless the name has been taken over. */
  delete(peer: Peer): void {
    const name = this.#ids.get(peer)
    if (name === undefined || this.#peers.get(keyOf(name)) !== peer) return
    this.#peers.delete(keyOf(name))
    this.#byFrame.delete(name)
  }

  peer(name: Frame): Peer | undefined {
    return this.#byFrame.get(name) ?? this.#peers.get(keyOf(name))
  }

  name(peer: Peer): Frame | undefined {
    return this.#ids.get(peer)
  }

  #fresh(): Frame {
    let name: Frame
    do {
      this.#counter = (this.#counter + 1) >>> 0
      const count = this.#counter
      name = copyOf(Uint8Array.of(0, count >>> 24, count >>> 16, count >>> 8, count))
    } while (this.#peers.has(keyOf(name)))
    return name
  }
}
