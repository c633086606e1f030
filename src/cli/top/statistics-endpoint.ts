/** The statistics endpoint that an announcement names. Any host can announce anything: it is read only where it is the announcer's own. */
import { isLoopback, isWildcard, ownAddresses } from '../../discovery/hosts.ts'
import type { Service } from '../../discovery/index.ts'
import { formatTcp, parseTcp } from '../../endpoint.ts'
import { AddressError } from '../../index.ts'

/** Undefined if the service names none. A wildcard host means the host that announces. Throws `AddressError`. */
export function statisticsEndpointOf({ meta, endpoints, source }: Service): string | undefined {
  const named = meta?.['statistics']
  if (named === undefined) return undefined
  const { host, port } = parseTcp(named)
  const hosts = endpoints.filter(endpoint => endpoint.startsWith('tcp://')).map(each => parseTcp(each).host)
  const at = isWildcard(host) ? hosts[0] : host
  if (at === undefined) throw new AddressError(named, 'announces statistics, and no host to read them at')
  const its = isLoopback(at) ? [source, ...hosts].some(isHere) : at === source || hosts.includes(at)
  if (!its)
    throw new AddressError(named, 'announces statistics of another host; --connect reads them all the same')
  const endpoint = formatTcp(at, port)
  parseTcp(endpoint, true)
  return endpoint
}

function isHere(host: string | undefined): boolean {
  return host !== undefined && (isLoopback(host) || ownAddresses().includes(host))
}
