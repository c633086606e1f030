/** Kinds of host in an endpoint. */
import { networkInterfaces } from 'node:os'

/** Bound to every interface. */
export function isWildcard(host: string): boolean {
  return host === '*' || host === '0.0.0.0' || host === '::'
}

export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127\./.test(host)
}

/** IPv6 link-local addresses mean nothing without the interface. */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(host)
}

/** An address that no host has: unspecified, multicast, reserved, broadcast. */
export function isUnassignable(address: string): boolean {
  return /^(0\.|22[4-9]\.|2[3-5]\d\.|ff[0-9a-f]{2}:)/i.test(address) || address === '::'
}

/** The addresses of this host, loopback included. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(infos => infos?.map(({ address }) => address) ?? [])
}
