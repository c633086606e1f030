/** DEALER (RFC 28): deals requests out in turn, takes answers in turn. Towards a REP it adds the empty delimiter, and takes it off the answer. */
import { EMPTY_FRAME, type Message, messageOf, partsOf } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import { DealingStrategy } from './dealing.ts'

export class DealerStrategy extends DealingStrategy {
  /** What was queued before the peer was known to be a REP gets its delimiter now. */
  override ready(peer: Peer): void {
    if (isRep(peer))
      for (const { message, stamp } of peer.outgoing.reclaim())
        peer.outgoing.push(this.shaped(message, peer), stamp)
    super.ready(peer)
  }

  override receive(): Message | undefined {
    const message = super.receive()
    if (message === undefined || !isRep(this.source!)) return message
    const parts = partsOf(message)
    return parts.length > 1 && parts[0]!.length === 0 ? messageOf(parts.slice(1)) : message
  }

  /** An envelope that the application has built itself stays as it is; an empty part behind which nothing comes ends none. */
  protected override shaped(message: Message, peer: Peer): Message {
    if (!isRep(peer)) return message
    const parts = partsOf(message)
    const delimiter = parts.findIndex(part => part.length === 0)
    return delimiter >= 0 && delimiter < parts.length - 1 ? message : [EMPTY_FRAME, ...parts]
  }
}

function isRep(peer: Peer): boolean {
  return peer.identity?.socketType === 'REP'
}
