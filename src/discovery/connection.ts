/** One peer of the socket, as a follower dials it. Services that name one address share it: a process that came back, and its ghost. */
import { DIAL, type Dialling, type DiallingOwner } from '../dialling.ts'
import type { DiscoverableSocket } from './discoverable.ts'
import type { Service } from './discovery.ts'

interface User {
  readonly service: Service
}

export class Connection {
  readonly dialling: Dialling
  readonly #users = new Set<User>()
  #stale = false

  /** Throws what the socket's `connect` throws. */
  constructor(socket: DiscoverableSocket, addresses: readonly string[], owner: DiallingOwner) {
    this.dialling = socket[DIAL](addresses, owner)
  }

  join(user: User): void {
    this.#users.add(user)
    this.#stale = true
  }

  /** The last one disconnects. */
  leave(user: User): void {
    this.#users.delete(user)
    this.#stale = true
    if (this.#users.size === 0) this.dialling.disconnect()
  }

  /** False when all have left: its dialling has ended. */
  get used(): boolean {
    return this.#users.size > 0
  }

  /** A service has other addresses. */
  changed(): void {
    this.#stale = true
  }

  /** Its addresses are those of all who share it. Once for all changes of a turn: it looks at each of them. */
  update(): void {
    if (!this.#stale) return
    this.#stale = false
    this.dialling.update([...new Set([...this.#users].flatMap(({ service }) => service.endpoints))])
  }
}
