/** Which way of sending a socket type and its options ask for. */
import type { SocketType } from '../../socket-type.ts'
import type { CoreOptions } from '../engine.ts'
import type { NativeSocket } from './native.ts'
import { nameIn, type RoutedRules, RoutedSender } from './routed-sender.ts'
import { Sender } from './sender.ts'

export function createSender(
  type: SocketType,
  { mandatory, onFull }: CoreOptions,
  native: NativeSocket,
  reports: Pick<RoutedRules, 'sent' | 'dropped'>,
): Sender | RoutedSender {
  const waits = onFull === 'wait'
  const routed = (unknown: RoutedRules['unknown'], full: RoutedRules['full'], laneOf = nameIn) =>
    new RoutedSender(native, { ...reports, unknown, full, laneOf })
  if (type === 'REP') return routed('drop', 'drop')
  if (type === 'ROUTER') {
    const refused = mandatory ? 'reject' : 'drop'
    return routed(refused, waits ? 'wait' : refused)
  }
  // With ZMQ_XPUB_NODROP one full subscriber holds back all.
  if (waits && (type === 'PUB' || type === 'XPUB')) return routed('drop', 'wait', () => '')
  return new Sender(native, bytes => reports.sent(bytes))
}
