/** One question to the DNS and all that follows from it: SRV records and the addresses of their targets, or bare addresses. */
import { promises } from 'node:dns'
import { isIP } from 'node:net'
import { formatTcp } from '../../endpoint.ts'
import { DiscoveryError, OptionError } from '../../errors.ts'
import { isUnassignable } from '../hosts.ts'

export interface Found {
  /** What makes a peer the same at the next answer. */
  readonly id: string
  /** Empty: named, but its address could not be asked for just now. */
  readonly endpoints: readonly string[]
  readonly priority: number
  readonly weight: number
}

export interface Lookup {
  readonly host: string
  readonly port: number | undefined
  readonly servers: readonly string[] | undefined
  readonly signal: AbortSignal
}

/** One server is given this long, twice. */
const TIMEOUT = 2_000
/** More peers than this is a mistake or a lie. */
const MAX_PEERS = 1_000

/** Throws `OptionError` for what is no server. */
export function checkServers(servers: readonly string[] | undefined): void {
  if (servers === undefined) return
  try {
    if (servers.length === 0) throw new TypeError('empty')
    new promises.Resolver().setServers(servers)
  } catch (cause) {
    throw new OptionError(
      'servers',
      `option servers is ${JSON.stringify(servers)}; it must be addresses such as ["10.0.0.10"] or ["127.0.0.1:5353"]`,
      { cause },
    )
  }
}

/** The peers there are now. Throws `DiscoveryError`; `problems` are what had to be left out. */
export async function lookUp(lookup: Lookup): Promise<{ found: Found[]; problems: DiscoveryError[] }> {
  // A resolver of its own each time: the newest answer, not one that it remembers.
  const resolver = new promises.Resolver({ timeout: TIMEOUT, tries: 2 })
  if (lookup.servers) resolver.setServers(lookup.servers)
  const cancel = () => resolver.cancel()
  lookup.signal.addEventListener('abort', cancel)
  try {
    return lookup.port === undefined
      ? await bySrv(resolver, lookup.host)
      : await byAddress(resolver, lookup.host, lookup.port)
  } finally {
    lookup.signal.removeEventListener('abort', cancel)
  }
}

async function bySrv(resolver: promises.Resolver, host: string) {
  const records = await ask(host, () => resolver.resolveSrv(host))
  const problems: DiscoveryError[] = []
  if (records.length > MAX_PEERS) problems.push(tooMany(host, records.length))
  const found = await Promise.all(
    records.slice(0, MAX_PEERS).map(async ({ name, port, priority, weight }): Promise<Found[]> => {
      // RFC 2782: a target of "." says that the service is decidedly not there.
      if (name === '' || name === '.') return []
      const record = { id: `${name.toLowerCase()}:${port}`, priority, weight }
      try {
        if (port === 0) throw new DiscoveryError('bad-answer', `${host} has an SRV record with port 0`)
        const addresses = await addressesOf(resolver, name)
        if (addresses.length === 0) {
          throw new DiscoveryError('bad-answer', `${name}, which ${host} points to, has no usable address`)
        }
        return [{ ...record, endpoints: addresses.map(address => formatTcp(address, port)) }]
      } catch (error) {
        const problem = error as DiscoveryError
        problems.push(problem)
        return problem.reason === 'dns-failed' ? [{ ...record, endpoints: [] }] : []
      }
    }),
  )
  return { found: found.flat(), problems }
}

async function byAddress(resolver: promises.Resolver, host: string, port: number) {
  const addresses = await addressesOf(resolver, host)
  const problems = addresses.length > MAX_PEERS ? [tooMany(host, addresses.length)] : []
  const found = addresses.slice(0, MAX_PEERS).map((address): Found => {
    const endpoint = formatTcp(address, port)
    return { id: endpoint, endpoints: [endpoint], priority: 0, weight: 0 }
  })
  return { found, problems }
}

/** IPv4 first. Nonsense such as 0.0.0.0 or a multicast address is left out. */
async function addressesOf(resolver: promises.Resolver, host: string): Promise<string[]> {
  if (isIP(host)) return [host]
  const [v4, v6] = await Promise.allSettled([
    ask(host, () => resolver.resolve4(host)),
    ask(host, () => resolver.resolve6(host)),
  ])
  // One family may fail where the other answers.
  if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value : []),
    ...(v6.status === 'fulfilled' ? v6.value : []),
  ]
  return [...new Set(addresses)].filter(address => !isUnassignable(address))
}

/** "There is none" is an answer, and an empty one; anything else is an error. */
async function ask<T>(host: string, question: () => Promise<T[]>): Promise<T[]> {
  try {
    return await question()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    const reason = code === 'EBADRESP' || code === 'EBADNAME' ? 'bad-answer' : 'dns-failed'
    throw new DiscoveryError(reason, `the DNS was asked for ${host} and failed: ${code}`, { cause })
  }
}

function tooMany(host: string, count: number): DiscoveryError {
  return new DiscoveryError('bad-answer', `${host} has ${count} records; the first ${MAX_PEERS} are used`)
}
