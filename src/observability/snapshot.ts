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
  /** Peers that are not listed, for a snapshot has at most 1,000 in all; undefined when all are. */
  readonly unlisted?: number | undefined
}

/** 520 bytes and 0.15 ms each (measured): more would be neither read nor asked for each second. */
export const MAX_LISTED = 1_000

/** As many peers as are listed at most, the sockets with few of them first; and no more sockets than that. */
export function snapshotsOf(sockets: readonly Socket[], most = MAX_LISTED): SocketSnapshot[] {
  const snapshots = sockets.slice(0, most).map(snapshotOf)
  const shares = new Map<SocketSnapshot, number>()
  const bySize = [...snapshots].sort((a, b) => a.peers.length - b.peers.length)
  let room = most
  bySize.forEach((snapshot, index) => {
    const share = Math.min(snapshot.peers.length, Math.floor(room / (bySize.length - index)))
    shares.set(snapshot, share)
    room -= share
  })
  return snapshots.map(snapshot => {
    const unlisted = snapshot.peers.length - shares.get(snapshot)!
    return unlisted === 0
      ? snapshot
      : { ...snapshot, peers: snapshot.peers.slice(0, shares.get(snapshot)), unlisted }
  })
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
