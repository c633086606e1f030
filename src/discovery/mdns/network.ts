/** The network interfaces of this host as multicast sees them: one link (RFC 6762) for each interface and address family. */
import { BlockList, isIPv4 } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { isLinkLocal } from '../hosts.ts'

export interface Link {
  /** The interface's name: 'eth0'. */
  readonly name: string
  readonly family: 'IPv4' | 'IPv6'
  /** What selects the interface for sending and joining. */
  readonly selector: string
  /** Addresses of both families that peers on this link can connect to. */
  readonly addresses: readonly string[]
  readonly loopback: boolean
}

export interface Network {
  readonly links: readonly Link[]
  /** Whether an address is on a link of this host; mDNS from any other is ignored (RFC 6762, 11). */
  onLink(address: string): boolean
  /** Changes whenever a link does. */
  readonly fingerprint: string
}

/** Reads the interfaces that are up; `only` restricts them by name. */
export function readNetwork(only?: readonly string[]): Network {
  const links: Link[] = []
  const subnets = new BlockList()
  subnets.addSubnet('fe80::', 10, 'ipv6')
  const interfaces = Object.entries(networkInterfaces()).filter(([name]) => only?.includes(name) ?? true)
  for (const [name, infos = []] of interfaces) {
    links.push(...linksOf(name, infos))
    for (const { cidr, family } of infos) {
      const [address, prefix] = cidr?.split('/') ?? []
      if (address && prefix) subnets.addSubnet(address, Number(prefix), family === 'IPv4' ? 'ipv4' : 'ipv6')
    }
  }
  return {
    links,
    onLink: address => subnets.check(address.split('%')[0]!, isIPv4(address) ? 'ipv4' : 'ipv6'),
    fingerprint: JSON.stringify(links),
  }
}

function linksOf(name: string, infos: readonly NetworkInterfaceInfo[]): Link[] {
  const first = infos[0]
  if (first === undefined) return []
  const loopback = first.internal
  const routable = infos.map(info => info.address).filter(address => !isLinkLocal(address))
  const addresses = routable.length > 0 ? routable : infos.map(info => info.address)
  const links: Link[] = []
  const v4 = infos.find(info => info.family === 'IPv4')
  if (v4) links.push({ name, family: 'IPv4', selector: v4.address, addresses, loopback })
  // IPv6 multicast has no route over loopback on Linux; IPv4 serves there.
  if (infos.some(info => info.family === 'IPv6') && !loopback) {
    links.push({ name, family: 'IPv6', selector: `::%${name}`, addresses, loopback })
  }
  return links
}
