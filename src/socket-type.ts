/** The eleven socket types and who may talk to whom: one table. */

export const SOCKET_TYPES = [
  'PUSH',
  'PULL',
  'PUB',
  'SUB',
  'XPUB',
  'XSUB',
  'REQ',
  'REP',
  'DEALER',
  'ROUTER',
  'PAIR',
] as const

/** A socket type by the name it has on the wire (RFC 37, "The Socket-Type Property"). */
export type SocketType = (typeof SOCKET_TYPES)[number]

/** RFC 37, "The Socket-Type Property": the legal peers of each type. */
const LEGAL_PEERS: Record<SocketType, readonly SocketType[]> = {
  PUSH: ['PULL'],
  PULL: ['PUSH'],
  PUB: ['SUB', 'XSUB'],
  SUB: ['PUB', 'XPUB'],
  XPUB: ['SUB', 'XSUB'],
  XSUB: ['PUB', 'XPUB'],
  REQ: ['REP', 'ROUTER'],
  REP: ['REQ', 'DEALER'],
  DEALER: ['REP', 'DEALER', 'ROUTER'],
  ROUTER: ['REQ', 'DEALER', 'ROUTER'],
  PAIR: ['PAIR'],
}

/** Whether the word is one of the eleven names. */
export function isSocketType(word: string): word is SocketType {
  return Object.hasOwn(LEGAL_PEERS, word)
}

/** Whether a socket of type `own` may talk to one of type `peer`. */
export function mayTalk(own: SocketType, peer: SocketType): boolean {
  return LEGAL_PEERS[own].includes(peer)
}

/** The types a socket of type `own` may talk to. */
export function legalPeers(own: SocketType): readonly SocketType[] {
  return LEGAL_PEERS[own]
}

/** Why a socket of type `own` may not talk to one of type `peer`; undefined when it may. */
export function incompatibility(own: SocketType, peer: SocketType): string | undefined {
  if (mayTalk(own, peer)) return undefined
  return `a ${own} socket may not talk to a ${peer} socket, only to ${LEGAL_PEERS[own].join(', ')}`
}
