/** Whether a socket and an announced one can talk, and what differs if not. What an announcement does not say is no difference. */
import type { SocketDescription } from '../index.ts'
import { legalPeers, mayTalk } from '../socket-type.ts'
import type { Service } from './discovery.ts'

export interface Difference {
  readonly property: 'socketType' | 'protocol' | 'mechanism' | 'codec' | 'contract'
  /** What would fit. */
  readonly ours: string
  readonly theirs: string
}

/** ZMTP's major version. */
const PROTOCOL = '3'

export function differences(
  own: SocketDescription,
  contract: string | undefined,
  service: Service,
): Difference[] {
  const found: Difference[] = []
  const compare = (
    property: Difference['property'],
    ours: string | undefined,
    theirs: string | undefined,
  ) => {
    if (ours !== undefined && theirs !== undefined && ours !== theirs) found.push({ property, ours, theirs })
  }
  const { socketType } = service
  if (socketType !== undefined && !mayTalk(own.type, socketType)) {
    found.push({ property: 'socketType', ours: legalPeers(own.type).join(' or '), theirs: socketType })
  }
  compare('protocol', PROTOCOL, service.protocol?.split('.')[0])
  compare('mechanism', own.mechanism, service.mechanism)
  compare('codec', own.codec, service.codec)
  compare('contract', contract, service.contract)
  return found
}
