/** One peer that a follower knows, and its connection. */
import type { DiallingOwner } from '../dialling.ts'
import { Connection } from './connection.ts'
import type { DiscoverableSocket } from './discoverable.ts'
import type { Service } from './discovery.ts'
import { drawFor, type SelectablePeer } from './peer-selection.ts'

export class FollowedPeer implements SelectablePeer {
  readonly draw: number
  service: Service
  /** The provider says it is not there; a live connection knows better. */
  gone = false
  #connection: Connection | undefined
  /** When it was last disconnected. */
  #failed = false

  constructor(service: Service) {
    this.service = service
    this.draw = drawFor(service.weight ?? 0)
  }

  get priority(): number {
    return this.service.priority ?? 0
  }

  get source(): string | undefined {
    return this.service.source
  }

  get dialled(): boolean {
    return this.#connection !== undefined
  }

  get live(): boolean {
    return this.#connection?.dialling.live ?? false
  }

  get failing(): boolean {
    return this.#connection?.dialling.failing ?? this.#failed
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Connects, if it is not. `known`: the follower's connections, by the address that each is at. Throws what the socket throws. */
  connect(known: Map<string, Connection>, socket: DiscoverableSocket, owner: DiallingOwner): void {
    const { endpoints } = this.service
    const before = this.#connection
    if (this.live || (before && endpoints.includes(before.dialling.endpoint))) return
    // One that is shared has moved on to an address that is not ours: ours have failed from the first one on.
    const addresses = before ? [...endpoints.slice(1), endpoints[0]!] : endpoints
    const shared = known.get(addresses[0]!)
    const connection = shared?.used === true ? shared : new Connection(socket, addresses, owner)
    this.disconnect()
    connection.join(this)
    this.#connection = connection
    known.set(connection.dialling.endpoint, connection)
  }

  /** That it failed is known until it is connected again: one that makes room for another must not be next in line at once. Idempotent. */
  disconnect(): void {
    this.#failed = this.failing
    this.#connection?.leave(this)
    this.#connection = undefined
  }

  /** The provider knows something new. A connection that stands stays. */
  update(service: Service): void {
    this.service = service
    this.gone = false
    this.#connection?.changed()
  }
}
