/** A socket's description and counters as plain data that JSON can hold. */
import { EMPTY_FRAME, type PeerInfo, type Socket, type SocketStats } from '../index.ts'

/** As `PeerInfo`, with the routing id as text and without what the peer's READY said. */
export interface PeerSnapshot extends Omit<PeerInfo, 'routingId' | 'metadata'> {
  /** Text when it is printable, else 0x and hex digits; empty when there is none. */
  readonly routingId: string
}

export interface SocketSnapshot extends Omit<SocketStats, 'peers'> {
  readonly type: Socket['description']['type']
  readonly endpoints: readonly string[]
  readonly peers: readonly PeerSnapshot[]
}

export function snapshotOf(socket: Socket): SocketSnapshot {
  const { type, endpoints } = socket.description
  const { peers, ...stats } = socket.stats()
  return { type, endpoints, ...stats, peers: peers.map(peerSnapshot) }
}

function peerSnapshot({ routingId, metadata: _, ...peer }: PeerInfo): PeerSnapshot {
  return { ...peer, routingId: printable(routingId) }
}

function printable(bytes: Uint8Array = EMPTY_FRAME): string {
  const text = Buffer.from(bytes).toString('latin1')
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${Buffer.from(bytes).toString('hex')}`
}
