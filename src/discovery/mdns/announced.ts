/** One bound endpoint as DNS-SD records (RFC 6763), different on each link: a peer hears only addresses that it can reach. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { parseTcp } from '../../endpoint.ts'
import type { Service } from '../discovery.ts'
import { isLoopback, isWildcard } from '../hosts.ts'
import type { Link } from './network.ts'
import { type DnsRecord, isWritable } from './packet.ts'
import { encodeTxt } from './txt.ts'

export const SERVICE_TYPE = '_typedmq._tcp.local'
/** RFC 6763, 9: how browsers learn which types there are. */
export const TYPE_ENUMERATION = '_services._dns-sd._udp.local'

const MAX_LABEL = 63

export class Announced {
  /** The instance's full name; unique, for it has the socket's id and the port in it. */
  readonly fullName: string
  /** The host its addresses stand under. Its own, in lower case, so that the machine's own host record is nobody's but the system's. */
  readonly hostName: string
  readonly #host: string
  readonly #port: number
  readonly #txt: Buffer[]

  /** Throws `OptionError` when the TXT record would be too long. */
  constructor(service: Service, endpoint: string) {
    const { host, port } = parseTcp(endpoint)
    this.#host = host
    this.#port = port
    this.#txt = encodeTxt(service)
    const suffix = `${createHash('sha256').update(service.instance).digest('hex').slice(0, 12)}-${port}`
    // dns-packet would split at a dot. The name itself is in the TXT record.
    const visible = cutBytes(service.name.replaceAll('.', '-'), MAX_LABEL - suffix.length - 1)
    this.fullName = `${visible} ${suffix}.${SERVICE_TYPE}`
    const ownHost = isIP(bare(host)) !== 0 || host === '*' || isLoopback(host)
    this.hostName = ownHost ? `typedmq-${suffix}.local` : host.toLowerCase()
  }

  /** Nothing where peers on the link could not reach it. `ttl` in seconds; 0 says goodbye. */
  records(link: Link, links: readonly Link[], ttl: number): DnsRecord[] {
    const addresses = this.#addresses(link, links)
    if (addresses === undefined) return []
    const location = { priority: 0, weight: 0, port: this.#port, target: this.hostName }
    return [
      { name: SERVICE_TYPE, type: 'PTR', ttl, data: this.fullName },
      { name: this.fullName, type: 'SRV', ttl, data: location, flush: true },
      { name: this.fullName, type: 'TXT', ttl, data: this.#txt, flush: true },
      ...addresses.map(
        (data): DnsRecord => ({
          name: this.hostName,
          type: data.includes(':') ? 'AAAA' : 'A',
          ttl,
          data,
          flush: true,
        }),
      ),
    ]
  }

  #addresses(link: Link, links: readonly Link[]): string[] | undefined {
    const host = bare(this.#host)
    const alone = links.every(other => other.loopback)
    if (isLoopback(host)) return link.loopback ? [host === 'localhost' ? '127.0.0.1' : host] : undefined
    // Over loopback only where there is nothing else: peers on this host hear the other links too.
    if (link.loopback && !alone) return undefined
    if (isWildcard(host)) {
      const v4 = link.addresses.filter(address => !address.includes(':'))
      // `tcp://*` is bound as 0.0.0.0 by its name, and where there is no IPv4 it is IPv6 that it listens on.
      const reachable = host === '0.0.0.0' && v4.length > 0 ? v4 : link.addresses
      return reachable.length > 0 ? [...reachable] : undefined
    }
    if (isIP(host) === 0) return []
    // An address of ours is reachable on its own link; any other was given by the user, who knows.
    const ours = links.some(other => other.addresses.includes(host))
    return ours && !link.addresses.includes(host) ? undefined : [host]
  }
}

/** The visible label of an instance's full name; undefined where it is none, or one that could not be asked for. */
export function labelOf(fullName: string): string | undefined {
  const at = fullName.length - SERVICE_TYPE.length - 1
  const belongs = fullName.slice(at).toLowerCase() === `.${SERVICE_TYPE}`
  return at > 0 && belongs && isWritable(fullName) ? fullName.slice(0, at) : undefined
}

function bare(host: string): string {
  return host.split('%')[0]!
}

function cutBytes(text: string, limit: number): string {
  let cut = text
  while (Buffer.byteLength(cut) > limit) cut = [...cut].slice(0, -1).join('')
  return cut
}
