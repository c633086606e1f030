/** The endpoints of an instance that can be dialled from here, the likeliest first. */
import { isIP } from 'node:net'
import { formatTcp } from '../../endpoint.ts'
import { isLinkLocal, isLoopback, isUnassignable } from '../hosts.ts'
import type { Instance } from './instance-table.ts'

/**
 * The address in a form that can be dialled from here; undefined if there is none.
 * `source` is the address it was announced from: another host's loopback address would reach ourselves.
 */
export function usableAddress(address: string, source: string): string | undefined {
  // dns-packet returns arbitrary text for a record that ends too early.
  if (isIP(address) === 0) return undefined
  if (isLoopback(address)) return isLoopback(source) ? address : undefined
  if (isUnassignable(address)) return undefined
  if (!isLinkLocal(address)) return address
  const scope = source.split('%')[1]
  return scope === undefined ? undefined : `${address}%${scope}`
}

/** Addresses that are neither the announcer's nor on a link of ours: the announcer may have no other, but a liar could make us dial any host. */
const MAX_ELSEWHERE = 2

/** Empty while too little is known. */
export function endpointsOf(instance: Instance, onLink: (address: string) => boolean): string[] {
  const location = instance.location
  if (location === undefined || location.port === 0) return []
  // A host of the ordinary DNS needs no addresses from here.
  if (instance.addresses.size === 0) {
    const elsewhere = !/(^|\.)local$/i.test(location.target)
    return elsewhere && /^[\w.-]+$/.test(location.target) ? [formatTcp(location.target, location.port)] : []
  }
  const rank = (address: string) => {
    if (address === instance.source) return 0
    if (onLink(address)) return 1
    return isIP(address) === 4 ? 2 : 3
  }
  let elsewhere = 0
  return [...instance.addresses.keys()]
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .filter(address => rank(address) < 2 || ++elsewhere <= MAX_ELSEWHERE)
    .map(address => formatTcp(address, location.port))
}
