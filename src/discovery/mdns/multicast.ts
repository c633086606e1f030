/** Messages to and from the mDNS groups: one channel a family, on every interface, which may come and go. */
import type { RemoteInfo } from 'node:dgram'
import { DiscoveryError } from '../../errors.ts'
import type { ErrorReporter } from '../error-reporter.ts'
import { Channel, type ChannelOwner, type Family, PORT } from './channel.ts'
import { type Link, type Network, readNetwork } from './network.ts'
import type { DnsMessage } from './packet.ts'

/** How often the interfaces are looked at, and a channel that failed is opened again. */
const LOOK_AGAIN = 2_000
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6']

export interface MulticastListener {
  message(message: DnsMessage, from: RemoteInfo): void
  /** An interface or an address has come or gone, or a channel works now: say and ask everything again. */
  networkChanged(): void
}

/** Keeps no process alive. */
export class Multicast implements ChannelOwner {
  readonly #listener: MulticastListener
  readonly #errors: ErrorReporter
  readonly #interfaces: readonly string[] | undefined
  readonly #channels = new Map<Family, Channel>()
  readonly #timer: NodeJS.Timeout
  /** Resolves once the channels have been tried for the first time. */
  readonly ready: Promise<void>
  #network: Network
  #closed = false

  constructor(listener: MulticastListener, errors: ErrorReporter, interfaces: readonly string[] | undefined) {
    this.#listener = listener
    this.#errors = errors
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

  message(message: DnsMessage, from: RemoteInfo): void {
    if (!this.#closed) this.#listener.message(message, from)
  }

  failed(family: Family, error: NodeJS.ErrnoException): void {
    this.#channels.delete(family)
    // Many hosts have no IPv6: not an error while IPv4 works.
    if (this.#closed || family === 'IPv6') return
    this.#errors.report(
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

  async #lookAgain(): Promise<void> {
    const before = this.#network.fingerprint
    this.#network = readNetwork(this.#interfaces)
    const opened = await this.#openAll()
    this.#join()
    if (!this.#closed && (opened || before !== this.#network.fingerprint)) this.#listener.networkChanged()
  }

  /** True when a channel was opened. */
  async #openAll(): Promise<boolean> {
    const missing = FAMILIES.filter(family => !this.#channels.has(family))
    const results = await Promise.all(missing.map(family => this.#open(family)))
    return results.includes(true)
  }

  async #open(family: Family): Promise<boolean> {
    const channel = new Channel(family, this)
    if (!(await channel.open())) return false
    if (this.#closed) {
      channel.close()
      return false
    }
    this.#channels.set(family, channel)
    this.#errors.resolved('port')
    return true
  }

  #join(): void {
    for (const link of this.links) this.#channels.get(link.family)?.join(link.selector)
  }

  /** Sends what `messagesFor` has for each link. Resolves when all is sent or has failed; never rejects. */
  async send(messagesFor: (link: Link) => readonly DnsMessage[]): Promise<void> {
    await this.ready
    const sending = this.links.flatMap(link => messagesFor(link).map(message => this.#sendOn(link, message)))
    const errors = await Promise.all(sending)
    if (this.#closed) return
    if (errors.includes(undefined)) return this.#errors.resolved('network')
    if (errors.length === 0 && this.links.length > 0) return
    this.#errors.report(
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

  async #sendOn(link: Link, message: DnsMessage): Promise<Error | undefined> {
    const channel = this.#channels.get(link.family)
    return channel ? channel.send(link.selector, message) : new Error(`no ${link.family} socket`)
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
  }
}
