/** The host in a peer's endpoint, and whether it is this machine. */
import { BlockList, isIP } from 'node:net'

/** An IP address and its family as `node:net` names it. */
export interface PeerHost {
  readonly host: string
  readonly family: 'ipv4' | 'ipv6'
}

/** The address in `tcp://host:port`, IPv4 also where it is mapped into IPv6. Undefined for other transports and for names. */
export function peerHost(address: string): PeerHost | undefined {
  const match = /^tcp:\/\/(?:\[([^\]%]+)(?:%[^\]]*)?\]|([^:[\]]+)):\d+$/.exec(address)
  if (match === null) return undefined
  const host = (match[1] ?? match[2]!).replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  const family = isIP(host)
  return family === 0 ? undefined : { host, family: family === 4 ? 'ipv4' : 'ipv6' }
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether what is sent to the peer stays on this machine. When in doubt it does not. */
export function staysLocal(address: string): boolean {
  if (address.startsWith('ipc://') || address.startsWith('inproc://')) return true
  const peer = peerHost(address)
  return peer !== undefined && LOOPBACK.check(peer.host, peer.family)
}
