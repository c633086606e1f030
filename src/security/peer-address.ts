/** The host in a peer's endpoint, and whether it is this machine. */
import type { BlockList } from 'node:net'
import { addresses } from '../builtin.ts'

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
  const family = addresses().isIP(host)
  return family === 0 ? undefined : { host, family: family === 4 ? 'ipv4' : 'ipv6' }
}

let loopback: BlockList | undefined

function isLoopback({ host, family }: PeerHost): boolean {
  if (loopback === undefined) {
    loopback = new (addresses().BlockList)()
    loopback.addSubnet('127.0.0.0', 8)
    loopback.addAddress('::1', 'ipv6')
  }
  return loopback.check(host, family)
}

/** Whether what is sent to the peer stays on this machine. When in doubt it does not. */
export function staysLocal(address: string): boolean {
  if (address.startsWith('ipc://') || address.startsWith('inproc://')) return true
  const peer = peerHost(address)
  return peer !== undefined && isLoopback(peer)
}
