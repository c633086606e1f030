/** Whether a service is a socket's own. Providers that know no instances, such as the DNS, know only addresses. */
import { networkInterfaces } from 'node:os'
import { formatTcp, parseTcp } from '../endpoint.ts'
import type { Service } from './discovery.ts'
import { isWildcard } from './hosts.ts'

/** True when the service says nothing of itself but an address that is bound here. */
export function isBoundHere(service: Service, bound: readonly string[]): boolean {
  if (service.socketType !== undefined || bound.length === 0) return false
  const own = new Set(bound.flatMap(reachableAt))
  return service.endpoints.some(endpoint => own.has(endpoint))
}

/** All the endpoints that a bound one is. */
function reachableAt(bound: string): string[] {
  if (!bound.startsWith('tcp://')) return [bound]
  const { host, port } = parseTcp(bound)
  if (!isWildcard(host)) return [bound]
  const addresses = Object.values(networkInterfaces()).flatMap(
    infos => infos?.map(info => info.address) ?? [],
  )
  return [bound, ...addresses.map(address => formatTcp(address, port))]
}
