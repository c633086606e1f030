/** What events, `peers` and `stats()` show of a peer. */
import { EMPTY_FRAME } from '../../message.ts'
import type { Peer } from '../../peer/peer.ts'
import { delayOf } from '../../queue/delays.ts'
import type { PeerInfo, PeerState, Traffic } from '../engine.ts'
import type { PeerReference } from '../events.ts'
import { traceOf } from './traces.ts'

/** What this engine can tell: everything. */
export type WholeTraffic = { readonly [Key in keyof Traffic]: number }

export function referenceOf(peer: Peer): PeerReference {
  const { identity } = peer
  return {
    id: peer.id,
    address: identity?.address ?? peer.endpoint,
    socketType: identity?.socketType,
    routingId: peer.name ?? identity?.routingId ?? EMPTY_FRAME,
    userId: identity?.userId,
  }
}

export function infoOf(peer: Peer): PeerInfo {
  const { identity, incoming, outgoing } = peer
  return {
    ...referenceOf(peer),
    endpoint: peer.endpoint,
    metadata: identity?.metadata ?? new Map(),
    protocol: identity?.protocol ?? '',
    roundTrip: peer.session?.roundTrip,
    state: stateOf(peer),
    marks: { send: outgoing.marks, receive: incoming.marks },
    sendDelay: delayOf(outgoing.meter.delays),
    receiveDelay: delayOf(incoming.meter.delays),
    traffic: trafficOf(peer),
    trace: traceOf(peer),
  }
}

function stateOf({ phase, incoming, outgoing }: Peer): PeerState {
  if (phase !== 'ready') return 'connecting'
  if (outgoing.awaitsRoom) return 'full'
  return incoming.awaitsRoom ? 'paused' : 'ready'
}

export function trafficOf({ incoming, outgoing, dropped }: Peer): WholeTraffic {
  return {
    queued: outgoing.length,
    queuedBytes: outgoing.bytes,
    waiting: incoming.unread,
    sent: outgoing.passed,
    sentBytes: outgoing.passedBytes,
    received: incoming.meter.written,
    receivedBytes: incoming.meter.writtenBytes,
    dropped,
  }
}
