/** What a bound endpoint is to peers: announced under an address of its own, if it has one, and reachable at all that it stands for. */
import { isIP } from 'node:net'
import { formatTcp, parseTcp } from '../endpoint.ts'
import { AddressError } from '../errors.ts'
import type { Service } from './discovery.ts'
import { isWildcard, ownAddresses } from './hosts.ts'

/** The option `address`: of the host around a container, or in front of a NAT. Throws `AddressError` unless it is a host name, an IP address or a tcp endpoint. */
export function checkAddress(address: string): string {
  if (typeof address === 'string' && address.includes('://')) parseTcp(address, true)
  else if (
    typeof address !== 'string' ||
    (isIP(address) === 0 && !/^[\w-]{1,63}(\.[\w-]{1,63})*\.?$/.test(address))
  ) {
    throw new AddressError(
      String(address),
      `option address is ${JSON.stringify(address)}; it must be a host such as "10.0.0.7" or "worker.example", or an endpoint such as "tcp://10.0.0.7:5555"`,
    )
  }
  return address
}

/** The endpoint to announce: the bound one, or the address instead of it; a mere host keeps the bound port. */
export function advertised(bound: string, address: string | undefined): string {
  if (address === undefined || !bound.startsWith('tcp://')) return bound
  return address.includes('://') ? address : formatTcp(address, parseTcp(bound).port)
}

/**
 * True when the service says nothing of itself but an address that is bound here: it is the socket's own. Providers that
 * know no instances, such as the DNS, know only addresses.
 */
export function isBoundHere(service: Service, bound: readonly string[]): boolean {
  if (service.socketType !== undefined || bound.length === 0) return false
  const own = new Set(bound.flatMap(reachableAt))
  return service.endpoints.some(endpoint => own.has(endpoint))
}

/** All endpoints that a bound one stands for. */
function reachableAt(bound: string): string[] {
  if (!bound.startsWith('tcp://')) return [bound]
  const { host, port } = parseTcp(bound)
  if (!isWildcard(host)) return [bound]
  return [bound, ...ownAddresses().map(address => formatTcp(address, port))]
}
