/** The connections of one socket, as far as libzmq tells them apart: by the endpoint that was bound or connected here. */
import { legalPeers, type SocketType } from '../../socket-type.ts'
import type { PeerInfo, Traffic } from '../engine.ts'

/** libzmq does not count. */
export const UNKNOWN: Traffic = {
  queued: undefined,
  queuedBytes: undefined,
  waiting: undefined,
  sent: undefined,
  sentBytes: undefined,
  received: undefined,
  receivedBytes: undefined,
  dropped: undefined,
}

export class Peers {
  readonly #type: SocketType
  readonly #all = new Set<PeerInfo>()
  #lastId = 0

  constructor(type: SocketType) {
    this.#type = type
  }

  get count(): number {
    return this.#all.size
  }

  get all(): readonly PeerInfo[] {
    return [...this.#all]
  }

  add(endpoint: string, dialled: boolean): PeerInfo {
    const legal = legalPeers(this.#type)
    const peer: PeerInfo = {
      id: ++this.#lastId,
      endpoint,
      address: dialled ? endpoint : undefined,
      socketType: legal.length === 1 ? legal[0] : undefined,
      routingId: undefined,
      userId: undefined,
      metadata: new Map(),
      protocol: endpoint.startsWith('inproc:') ? 'inproc' : undefined,
      roundTrip: undefined,
      state: undefined,
      marks: undefined,
      sendDelay: undefined,
      receiveDelay: undefined,
      traffic: UNKNOWN,
      trace: undefined,
    }
    this.#all.add(peer)
    return peer
  }

  /** Of several at one endpoint the oldest is taken to be the one that has gone. */
  remove(endpoint: string): PeerInfo | undefined {
    for (const peer of this.#all) {
      if (peer.endpoint !== endpoint) continue
      this.#all.delete(peer)
      return peer
    }
    return undefined
  }
}
