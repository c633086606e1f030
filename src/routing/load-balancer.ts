/** Gives each message to the next peer in turn that has room (RFC 30, RFC 28: round-robin). Never blocks. */
import type { Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { Unsent } from '../queue/queue-ends.ts'
import { Ring } from '../queue/ring.ts'
import type { Stamp } from '../queue/stamp.ts'
import type { StrategyContext } from './routing-strategy.ts'

export abstract class LoadBalancer {
  readonly early = true
  readonly #leastQueued: boolean
  /** Ready, and with room as far as we know. */
  readonly #active: Peer[] = []
  /** Not ready yet: chosen only when no other has room. */
  readonly #early: Peer[] = []
  #next = 0
  #nextEarly = 0
  /** What came back from peers that have gone, oldest first: goes ahead of new sends. */
  readonly #returned = new Ring<Unsent>()

  constructor({ options }: StrategyContext) {
    this.#leastQueued = options.dispatch === 'least-queued'
  }

  get returned(): number {
    return this.#returned.length
  }

  attach(peer: Peer): void {
    if (peer.phase === 'ready') this.#active.push(peer)
    else this.#early.push(peer)
    this.#giveBack()
  }

  ready(peer: Peer): void {
    remove(this.#early, peer)
    this.#active.push(peer)
    this.#giveBack()
  }

  writable(peer: Peer): void {
    if (peer.phase === 'ready' && !this.#active.includes(peer)) this.#active.push(peer)
    this.#giveBack()
  }

  /** `unsent` waits here for the next peer, or goes to one at once. */
  detach(peer: Peer, unsent: readonly Unsent[]): void {
    remove(this.#active, peer)
    remove(this.#early, peer)
    for (const one of unsent) this.#returned.push(one)
    this.#giveBack()
  }

  /** Gives the message to a peer, if one has room. */
  protected deal(message: Message, stamp?: Stamp): 'taken' | 'full' {
    const next = this.#returned.length === 0 || this.#giveBack()
    return next && this.#place(message, stamp) ? 'taken' : 'full'
  }

  /** Takes back a message that waits for the next peer. */
  protected takeBack(message: Message): boolean {
    for (const one of this.#returned) if (one.message === message) return this.#returned.remove(one) >= 0
    return false
  }

  /** What this peer gets for the message. */
  protected shaped(message: Message, _peer: Peer): Message {
    return message
  }

  /** A peer has taken the message, perhaps after another had not. */
  protected placed(_message: Message, _peer: Peer): void {}

  /** True once nothing is left to give. */
  #giveBack(): boolean {
    for (let next = this.#returned.shift(); next !== undefined; next = this.#returned.shift()) {
      // Out of the ring first: the peer's queue may call back into us.
      if (this.#place(next.message, next.stamp)) continue
      this.#returned.unshift(next)
      return false
    }
    return true
  }

  #place(message: Message, stamp: Stamp | undefined): boolean {
    const peer = this.#offer(message, stamp)
    if (peer === undefined) return false
    this.placed(message, peer)
    return true
  }

  #offer(message: Message, stamp: Stamp | undefined): Peer | undefined {
    const active = this.#active
    while (active.length > 0) {
      if (this.#next >= active.length) this.#next = 0
      const at = this.#leastQueued ? leastQueued(active, this.#next) : this.#next
      const peer = active[at]!
      if (peer.outgoing.offer(this.shaped(message, peer), stamp)) {
        this.#next = at + 1
        return peer
      }
      // It tells us when it is writable again.
      active[at] = active[active.length - 1]!
      active.pop()
    }
    for (let tried = 0; tried < this.#early.length; tried++) {
      const peer = this.#early[this.#nextEarly++ % this.#early.length]!
      if (peer.outgoing.offer(message, stamp)) return peer
    }
    return undefined
  }
}

/** Equals take turns: the search begins with the one whose turn it is. */
function leastQueued(peers: readonly Peer[], start: number): number {
  let best = start
  let least = Infinity
  for (let tried = 0; tried < peers.length; tried++) {
    const at = (start + tried) % peers.length
    const load = peers[at]!.outgoing.length + peers[at]!.uncovered
    if (load >= least) continue
    least = load
    best = at
  }
  return best
}

function remove(peers: Peer[], peer: Peer): void {
  const at = peers.indexOf(peer)
  if (at >= 0) peers.splice(at, 1)
}
