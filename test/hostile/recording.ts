/** What honest peers say, byte for byte: a handshake of each kind, and every sort of traffic after it. */
import { encodeCommand, encodePing } from '../../src/wire/command.ts'
import { downLevelOpening, foreignOpening } from '../unit/session/sides.ts'
import { commandBytes, messageBytes } from '../unit/wire/streams.ts'
import { HONEST_PEER, type Victim } from './stand.ts'

/** RFC 15, "The Greeting": the number of each honest peer's type. */
const DOWN_LEVEL_NUMBER = {
  PUSH: 8,
  PUB: 1,
  XPUB: 9,
  SUB: 2,
  XSUB: 10,
  DEALER: 5,
  REQ: 3,
  ROUTER: 6,
  PAIR: 0,
}

const TRAFFIC = Buffer.concat([
  messageBytes(Buffer.from('one part')),
  messageBytes(Buffer.from('a'), Buffer.alloc(0), Buffer.from('three parts')),
  commandBytes(encodePing(Buffer.from('context'))),
  messageBytes(Buffer.alloc(300, 'long')),
  commandBytes(encodeCommand('PONG', Buffer.from('context'))),
  messageBytes(Buffer.from('\x01old subscription')),
])

const SUBSCRIPTIONS = Buffer.concat([
  commandBytes(encodeCommand('SUBSCRIBE', Buffer.from('topic'))),
  commandBytes(encodeCommand('CANCEL', Buffer.from('topic'))),
  commandBytes(encodeCommand('SUBSCRIBE')),
])

const REQUEST = messageBytes(Buffer.from([0, 0, 0, 1]), Buffer.alloc(0), Buffer.from('request'))

export type Protocol = '3.1' | '3.0' | '2.0'

/** All that one connection carries from an honest peer of this socket. */
export function recording(victim: Victim, protocol: Protocol): Buffer {
  const type = HONEST_PEER[victim]
  const opening =
    protocol === '2.0'
      ? downLevelOpening(DOWN_LEVEL_NUMBER[type], 'name')
      : foreignOpening(type, { minor: protocol === '3.1' ? 1 : 0, identity: Buffer.from('name') })
  const subscribes = type === 'SUB' || type === 'XSUB'
  const frames = protocol === '2.0' ? [messageBytes(Buffer.from('old'))] : [TRAFFIC]
  if (subscribes && protocol === '3.1') frames.push(SUBSCRIPTIONS)
  if (victim === 'REP') frames.push(REQUEST)
  return Buffer.concat([opening, ...frames])
}
