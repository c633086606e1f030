/** Whether a service is a socket's own. Providers that know no instances, such as the DNS, know only addresses. */
import { networkInterfaces } from 'node:os'
import { parseTcp } from '../endpoint.ts'
import type { Service } from './discovery.ts'
import { isWildcard } from './hosts.ts'

/** True when the service says nothing of itself but an address that is bound here. */
export function isBoundHere(service: Service, bound: readonly string[]): boolean {
  if (service.socketType !== undefined) return false
  const own = bound.filter(endpoint => endpoint.startsWith('tcp://')).map(endpoint => parseTcp(endpoint))
  return service.endpoints.some(endpoint => {
    if (bound.includes(endpoint)) return true
    if (!endpoint.startsWith('tcp://')) return false
    const { host, port } = parseTcp(endpoint)
    return own.some(
      ({ host: ownHost, port: ownPort }) => ownPort === port && isWildcard(ownHost) && isLocal(host),
    )
  })
}

function isLocal(host: string): boolean {
  return Object.values(networkInterfaces()).some(infos => infos?.some(info => info.address === host))
}
