/** PAIR (RFC 31): one peer, both ways; further ones are refused. */
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import { DealingStrategy } from './dealing.ts'

export class PairStrategy extends DealingStrategy {
  #partner: Peer | undefined

  refuses(): string | undefined {
    return this.#partner === undefined ? undefined : 'this PAIR has its one peer already'
  }

  override attach(peer: Peer): void {
    if (peer.phase === 'ready') this.#partner = peer
    super.attach(peer)
  }

  override ready(peer: Peer): void {
    this.#partner = peer
    super.ready(peer)
  }

  override detach(peer: Peer, unsent: readonly Unsent[]): void {
    if (this.#partner === peer) this.#partner = undefined
    super.detach(peer, unsent)
  }
}
