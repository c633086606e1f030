/** The address that peers are told instead of the bound one: of the host around a container, or in front of a NAT. */
import { isIP } from 'node:net'
import { formatTcp, parseTcp } from '../endpoint.ts'
import { AddressError } from '../errors.ts'

/** Throws `AddressError` unless it is a host name, an IP address or a tcp endpoint. */
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

/** The bound endpoint as peers are to see it; a mere host keeps the bound port. */
export function advertised(bound: string, address: string | undefined): string {
  if (address === undefined || !bound.startsWith('tcp://')) return bound
  return address.includes('://') ? address : formatTcp(address, parseTcp(bound).port)
}
