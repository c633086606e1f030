/** mDNS of one address family: a socket on every interface, and multicast-dns on it behind a guard. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import type { Packet } from 'dns-packet'
import multicastDns, { type MulticastDNS } from 'multicast-dns'
import { isPlausible, metered } from './guard.ts'
import { type DnsMessage, messageOf, packetOf } from './packet.ts'

/** RFC 6762, 3. */
export const PORT = 5353
const GROUPS = { IPv4: '224.0.0.251', IPv6: 'ff02::fb' } as const

export type Family = keyof typeof GROUPS

export interface ChannelOwner {
  /** Whether the address is on a link of this host. */
  onLink(address: string): boolean
  message(message: DnsMessage, from: RemoteInfo): void
  /** The port cannot be had, or the socket broke. The channel is closed. */
  failed(family: Family, error: NodeJS.ErrnoException): void
}

/** Keeps no process alive. */
export class Channel {
  readonly #family: Family
  readonly #owner: ChannelOwner
  readonly #socket: Socket
  readonly #mdns: MulticastDNS

  constructor(family: Family, owner: ChannelOwner) {
    this.#family = family
    this.#owner = owner
    this.#socket = createSocket({
      type: family === 'IPv4' ? 'udp4' : 'udp6',
      reuseAddr: true,
      ipv6Only: family === 'IPv6',
      // Synchronous, so that `send` has read the interface to send on before the next one is set.
      lookup: (host, _options, done) => done(null, host, family === 'IPv4' ? 4 : 6),
    })
    this.#socket.unref()
    const guarded = new GuardedSocket(this.#socket, GROUPS[family], address => owner.onLink(address))
    // It neither binds nor joins: it would join once, send on one interface, and hold the process with a timer.
    this.#mdns = multicastDns({ socket: guarded as unknown as Socket, bind: false, multicast: false })
    // What cannot be read comes as 'warning', to which nobody listens: strangers may send what they like.
    this.#mdns.on('packet', (packet: Packet, from: RemoteInfo) => owner.message(messageOf(packet), from))
  }

  /** True once it listens. */
  open(): Promise<boolean> {
    return new Promise(resolve => {
      this.#socket.on('error', error => {
        this.close()
        this.#owner.failed(this.#family, error)
        resolve(false)
      })
      // Exclusive: workers of node:cluster would otherwise share the primary's socket.
      this.#socket.bind({ port: PORT, exclusive: true }, () => {
        this.#socket.setMulticastTTL(255)
        this.#socket.setMulticastLoopback(true)
        resolve(true)
      })
    })
  }

  /** Idempotent: an interface that has come back under its old address must be joined again. */
  join(selector: string): void {
    try {
      this.#socket.addMembership(GROUPS[this.#family], selector)
    } catch {
      // Joined already, or without multicast: sending will tell.
    }
  }

  /** Sends on one interface. Resolves with what went wrong, or with nothing. */
  send(selector: string, message: DnsMessage): Promise<Error | undefined> {
    return new Promise(resolve => {
      const to = { port: PORT, address: selector }
      const done = (error: Error | null) => resolve(error ?? undefined)
      if (message.response) this.#mdns.respond(packetOf(message), to, done)
      else this.#mdns.query(packetOf(message), to, done)
    })
  }

  /** Idempotent. What was sent has left: datagrams are not queued here. */
  close(): void {
    this.#mdns.destroy()
  }
}

/** The socket as multicast-dns sees it: only datagrams from the link that are cheap to read, and interfaces as addresses to send to. */
class GuardedSocket extends EventEmitter {
  readonly #socket: Socket
  readonly #group: string

  constructor(socket: Socket, group: string, onLink: (address: string) => boolean) {
    super()
    this.#socket = socket
    this.#group = group
    socket.on('message', (bytes, from) => {
      // RFC 6762, 6 and 11: peers on this link speak from port 5353. All else is not for us.
      if (from.port !== PORT || !isPlausible(bytes) || !onLink(from.address)) return
      this.emit('message', metered(bytes), from)
    })
  }

  send(
    bytes: Buffer,
    _offset: number,
    _length: number,
    port: number,
    selector: string,
    done: (error: Error | null) => void,
  ): void {
    try {
      this.#socket.setMulticastInterface(selector)
      this.#socket.send(bytes, port, this.#group, done)
    } catch (error) {
      done(error as Error)
    }
  }

  close(done: () => void): void {
    this.#socket.close(done)
  }
}
