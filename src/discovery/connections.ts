/** The endpoints that a follower has connected its socket to. Two peers may share one: a process that came back, and its ghost. */
import type { DiscoverableSocket } from './discoverable.ts'

interface Connection {
  users: number
  /** A peer is there and ready. */
  live: boolean
}

export class Connections {
  readonly #socket: DiscoverableSocket
  readonly #connections = new Map<string, Connection>()

  constructor(socket: DiscoverableSocket) {
    this.#socket = socket
  }

  /** Throws what `connect` throws. */
  acquire(endpoint: string): void {
    const connection = this.#connections.get(endpoint)
    if (connection) connection.users++
    else {
      this.#socket.connect(endpoint)
      this.#connections.set(endpoint, { users: 1, live: false })
    }
  }

  /** The last user's release disconnects. */
  release(endpoint: string): void {
    const connection = this.#connections.get(endpoint)
    if (connection === undefined || --connection.users > 0) return
    this.#connections.delete(endpoint)
    try {
      this.#socket.disconnect(endpoint)
    } catch {
      // The application has disconnected or closed it itself.
    }
  }

  live(endpoint: string | undefined): boolean {
    return endpoint !== undefined && (this.#connections.get(endpoint)?.live ?? false)
  }

  /** False when the endpoint is none of ours. */
  mark(endpoint: string, live: boolean): boolean {
    const connection = this.#connections.get(endpoint)
    if (connection === undefined) return false
    connection.live = live
    return true
  }
}
