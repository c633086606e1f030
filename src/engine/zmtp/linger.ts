/** What a socket has left to do while it closes. */
import type { Peer } from '../../peer/peer.ts'
import type { RoutingStrategy } from '../../routing/routing-strategy.ts'
import type { Peers } from './peers.ts'

export class Linger {
  readonly #peers: Peers
  readonly #strategy: Pick<RoutingStrategy, 'returned'>
  #finishing = false
  /** What `until` waits for. */
  #test: (() => void) | undefined

  constructor(peers: Peers, strategy: Pick<RoutingStrategy, 'returned'>) {
    this.#peers = peers
    this.#strategy = strategy
  }

  /** Messages that wait for peers or for the wire. What a peer within the process can read is its own already. */
  get pending(): number {
    return this.#ours.reduce((sum, peer) => sum + peer.outgoing.length, this.#strategy.returned ?? 0)
  }

  /** Takes back what no write has begun, so that none of it goes out any more; answers how much that was. */
  abandon(): number {
    const returned = this.#strategy.returned ?? 0
    return this.#ours.reduce((sum, peer) => sum + peer.outgoing.reclaim().length, returned)
  }

  /** Nothing more is sent: `until` hears of each queue that is empty. */
  finish(): void {
    this.#finishing = true
    for (const peer of this.#peers.listAttached) peer.outgoing.finish()
  }

  /** A peer that comes now takes some of what is left. */
  joined(peer: Peer): void {
    if (!this.#finishing) return
    peer.outgoing.finish()
    // What waits for one within the process is its own from now on.
    this.less()
  }

  /** Something has been written out, or has gone. */
  less(): void {
    this.#test?.()
  }

  /** Resolves once the test is true, which is asked whenever less is left, or when the milliseconds are over. */
  until(test: () => boolean, milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = milliseconds === Infinity ? undefined : setTimeout(resolve, milliseconds)
      this.#test = () => {
        if (!test()) return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  get #ours(): Peer[] {
    return this.#peers.listAttached.filter(({ partner }) => partner === undefined)
  }
}
