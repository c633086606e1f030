/** What discovery needs of a socket. Every public socket has it. */
import type { SocketEvents } from '../index.ts'
import type { SocketType } from '../socket-type.ts'

export interface SocketDescription {
  readonly type: SocketType
  /** Bound now, with real ports; wildcard hosts stay as they are. */
  readonly endpoints: readonly string[]
  readonly codec: string
  readonly mechanism: 'NULL' | 'PLAIN' | 'CURVE'
  /** CURVE: its public key, in Z85. */
  readonly publicKey: string | undefined
}

export interface DiscoverableSocket {
  readonly description: SocketDescription
  readonly events: SocketEvents
  connect(endpoint: string): unknown
  disconnect(endpoint: string): void
}

const instances = new WeakMap<DiscoverableSocket, string>()

/** The id a socket has in all announcements, made at the first need. */
export function instanceOf(socket: DiscoverableSocket): string {
  let instance = instances.get(socket)
  if (instance === undefined) instances.set(socket, (instance = crypto.randomUUID()))
  return instance
}
