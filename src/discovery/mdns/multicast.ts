/** Datagrams to and from the mDNS groups: one socket a family, on every interface, which may come and go. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { DiscoveryError } from '../../errors.ts'
import type { Trouble } from '../trouble.ts'
import { type Link, type Network, readNetwork } from './links.ts'
import { type DnsMessage, MAX_MESSAGE } from './packet.ts'
import { readMessage } from './packet-reader.ts'

/** RFC 6762, 3. */
const PORT = 5353
const GROUPS = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const
/** How often the interfaces are looked at, and a socket that failed is opened again. */
const LOOK_AGAIN = 2_000

type Family = keyof typeof GROUPS
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6']

export interface MulticastListener {
  message(message: DnsMessage, from: RemoteInfo): void
  /** An interface or an address has come or gone, or a socket works now: say and ask everything again. */
  networkChanged(): void
}

/** Keeps no process alive. */
export class Multicast {
  readonly #listener: MulticastListener
  readonly #trouble: Trouble
  readonly #interfaces: readonly string[] | undefined
  readonly #sockets = new Map<Family, Socket>()
  readonly #timer: NodeJS.Timeout
  /** Resolves once the sockets have been tried for the first time. */
  readonly ready: Promise<void>
  #network: Network
  #closed = false

  constructor(listener: MulticastListener, trouble: Trouble, interfaces: readonly string[] | undefined) {
    this.#listener = listener
    this.#trouble = trouble
    this.#interfaces = interfaces
    this.#network = readNetwork(interfaces)
    this.ready = this.#openAll().then(() => this.#join())
    this.#timer = setInterval(() => void this.#lookAgain(), LOOK_AGAIN).unref()
  }

  get links(): readonly Link[] {
    return this.#network.links
  }

  onLink(address: string): boolean {
    return this.#network.onLink(address)
  }

  async #lookAgain(): Promise<void> {
    const before = this.#network.fingerprint
    this.#network = readNetwork(this.#interfaces)
    const opened = await this.#openAll()
    this.#join()
    if (!this.#closed && (opened || before !== this.#network.fingerprint)) this.#listener.networkChanged()
  }

  /** True when a socket was opened. */
  async #openAll(): Promise<boolean> {
    const missing = FAMILIES.filter(family => !this.#sockets.has(family))
    const results = await Promise.all(missing.map(family => this.#open(family)))
    return results.includes(true)
  }

  #open(family: Family): Promise<boolean> {
    return new Promise(resolve => {
      const socket = createSocket({
        type: family === 'IPv4' ? 'udp4' : 'udp6',
        reuseAddr: true,
        ipv6Only: family === 'IPv6',
        // Synchronous, so that `send` has read the interface to send on before the next one is set.
        lookup: (host, _options, done) => done(null, host, family === 'IPv4' ? 4 : 6),
      })
      socket.unref()
      socket.on('error', error => {
        this.#sockets.delete(family)
        socket.close()
        this.#openFailed(family, error as NodeJS.ErrnoException)
        resolve(false)
      })
      socket.on('message', (bytes, from) => this.#received(bytes, from))
      // Exclusive: workers of node:cluster would otherwise share the primary's socket.
      socket.bind({ port: PORT, exclusive: true }, () => {
        if (this.#closed) {
          socket.close()
          return resolve(false)
        }
        socket.setMulticastTTL(255)
        socket.setMulticastLoopback(true)
        this.#sockets.set(family, socket)
        this.#trouble.over('port')
        resolve(true)
      })
    })
  }

  #openFailed(family: Family, error: NodeJS.ErrnoException): void {
    // Hosts without IPv6 are common and no trouble while IPv4 works.
    if (this.#closed || family === 'IPv6') return
    this.#trouble.tell(
      'port',
      error.code === 'EADDRINUSE' || error.code === 'EACCES'
        ? new DiscoveryError(
            'port-taken',
            `UDP port ${PORT} cannot be shared (${error.code}): a program holds it for itself`,
            { cause: error },
          )
        : new DiscoveryError('no-interface', `mDNS cannot listen: ${error.message}`, { cause: error }),
    )
  }

  /** Idempotent: an interface that has come back under its old address must be joined again. */
  #join(): void {
    for (const link of this.links) {
      try {
        this.#sockets.get(link.family)?.addMembership(GROUPS[link.family], link.selector)
      } catch {
        // Joined already, or without multicast: sending will tell.
      }
    }
  }

  #received(bytes: Buffer, from: RemoteInfo): void {
    // RFC 6762, 6 and 11: peers on this link speak from port 5353. All else is not for us.
    if (
      this.#closed ||
      from.port !== PORT ||
      bytes.length > MAX_MESSAGE ||
      !this.#network.onLink(from.address)
    )
      return
    let message: DnsMessage
    try {
      message = readMessage(bytes)
    } catch {
      return
    }
    this.#listener.message(message, from)
  }

  /** Sends what `messagesFor` has for each link. Resolves when all is sent or has failed; never rejects. */
  async send(messagesFor: (link: Link) => readonly Buffer[]): Promise<void> {
    await this.ready
    const sending = this.links.flatMap(link => messagesFor(link).map(message => this.#sendOn(link, message)))
    const errors = await Promise.all(sending)
    if (this.#closed) return
    if (errors.includes(undefined)) return this.#trouble.over('network')
    if (errors.length === 0 && this.links.length > 0) return
    this.#trouble.tell(
      'network',
      new DiscoveryError(
        'no-interface',
        `no interface can send multicast${errors[0] ? `: ${errors[0].message}` : ''}`,
        {
          cause: errors[0],
        },
      ),
    )
  }

  #sendOn(link: Link, message: Buffer): Promise<Error | undefined> {
    return new Promise(resolve => {
      const socket = this.#sockets.get(link.family)
      if (socket === undefined) return resolve(new Error(`no ${link.family} socket`))
      try {
        socket.setMulticastInterface(link.selector)
        socket.send(message, PORT, GROUPS[link.family], error => resolve(error ?? undefined))
      } catch (error) {
        resolve(error as Error)
      }
    })
  }

  /** Idempotent. What was sent has left: datagrams are not queued here. */
  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }
}
