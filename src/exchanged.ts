/** What sockets of each type give to their engine and get from it: one table. */
import type { Addressed } from './addressed.ts'
import type { Message } from './message.ts'
import type { OutgoingRequest, RequestOutcome } from './outgoing-request.ts'
import type { SocketType } from './socket-type.ts'

/** The types whose messages are as on the wire. PUB and SUB: topic first; XPUB receives and XSUB sends `\x01prefix` and `\x00prefix`. */
export type PlainType = Exclude<SocketType, 'REQ' | 'REP' | 'ROUTER'>

interface Sent extends Record<PlainType, Message> {
  REQ: OutgoingRequest
  REP: Addressed
  ROUTER: Addressed
}

interface Received extends Record<PlainType, Message> {
  REQ: RequestOutcome
  REP: Addressed
  ROUTER: Addressed
}

export type Outgoing<Type extends SocketType> = Sent[Type]
export type Incoming<Type extends SocketType> = Received[Type]
