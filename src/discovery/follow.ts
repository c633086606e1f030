/** The verb that connects a socket to each compatible peer that appears, and lets go of those that are gone for good. */
import { setTimeout } from 'node:timers/promises'
import type { DiallingOwner } from '../dialling.ts'
import { Emitter } from '../emitter.ts'
import { DiscoveryError, OptionError } from '../errors.ts'
import { isBoundHere } from './bound-endpoints.ts'
import { type Difference, differences } from './compatibility.ts'
import type { Connection } from './connection.ts'
import { type DiscoverableSocket, instanceOf } from './discoverable.ts'
import type { Discovery, Service, ServiceChange } from './discovery.ts'
import { emitOrWarn, providerError } from './error-reporter.ts'
import { fingerprint } from './fingerprint.ts'
import { FollowedPeer } from './followed-peer.ts'
import { type Bounds, select, settled, withinBounds } from './peer-selection.ts'
import { checkName } from './service-name.ts'

export interface FollowOptions {
  readonly discovery: Discovery
  /** A last word on each compatible peer. Default: all. */
  readonly accept?: ((service: Service) => boolean) | undefined
  /** Peers that announce another contract are refused: a text such as 'jobs/2', or data such as a JSON Schema. */
  readonly contract?: string | object | undefined
  /** At most so many connections at once; the others stand by. Default: no limit. */
  readonly limit?: number | undefined
  /**
   * Peers that are dialled or connected to at once, whatever is announced: the others stand by, an `error` event says so, and each
   * announcing host has one place before any has two. Default 1,000.
   */
  readonly maxPeers?: number | undefined
  /** Of these, the most that one host may announce (mDNS: one sending address). Default 100. */
  readonly maxPeersPerSource?: number | undefined
  /** Connect to what this very socket announces too. Default false. */
  readonly own?: boolean | undefined
  /** Stops following, as disposing of the result does. */
  readonly signal?: AbortSignal | undefined
}

export interface FollowingEvents {
  /** A peer is there that fits; or something about it has changed. */
  up: [{ service: Service }]
  /** A peer is gone for good: not heard of any more, and not connected. */
  down: [{ service: Service }]
  /** A peer of the name cannot be talked to; once, until it changes. */
  mismatch: [{ service: Service; differences: readonly Difference[] }]
  /** Something does not work for now. Without a listener it is a process warning. */
  error: [DiscoveryError]
}

/** As many as the largest answer that the DNS is believed. */
const MAX_PEERS = 1_000
/** More sockets of one name than a large host has cores; what one liar makes us dial. */
const MAX_PEERS_PER_SOURCE = 100
/** Peers that are known, standing by or not. mDNS knows at most 2,000. */
const MAX_KNOWN = 5_000

/** A provider whose watch has failed is asked again after this long. */
const WATCH_AGAIN = 1_000

/** Throws `OptionError`; what goes wrong later is an `error` event. */
export function follow(socket: DiscoverableSocket, name: string, options: FollowOptions): Following {
  return new Following(socket, name, options)
}

/** Ends when disposed of, when aborted, when the socket closes, or with its provider. Connections that stand then stay. */
export class Following extends Emitter<FollowingEvents> implements AsyncDisposable {
  readonly #socket: DiscoverableSocket
  readonly #name: string
  readonly #options: FollowOptions
  readonly #contract: string | undefined
  readonly #limit: number
  readonly #bounds: Bounds
  /** The excess that was told of and is not over. */
  readonly #told = new Set<string>()
  readonly #peers = new Map<string, FollowedPeer>()
  /** What differs, by instance: told once. */
  readonly #refused = new Map<string, string>()
  readonly #stop = new AbortController()
  readonly #diallingOwner: DiallingOwner = { changed: () => this.#reconcile() }
  #reconciling = false

  constructor(socket: DiscoverableSocket, name: string, options: FollowOptions) {
    super()
    const { contract, limit = Number.POSITIVE_INFINITY, signal, discovery } = options
    const { maxPeers = MAX_PEERS, maxPeersPerSource = MAX_PEERS_PER_SOURCE } = options
    for (const [name, value] of Object.entries({ limit, maxPeers, maxPeersPerSource })) {
      if (!(value >= 1))
        throw new OptionError(name, `option ${name} is ${value}; it must be a number of at least 1`)
    }
    this.#socket = socket
    this.#name = checkName(name)
    this.#options = options
    this.#contract = contract === undefined ? undefined : fingerprint(contract)
    this.#limit = limit
    this.#bounds = { total: maxPeers, perSource: maxPeersPerSource }
    if (signal?.aborted) {
      this.#stop.abort()
      return
    }
    signal?.addEventListener('abort', this.#end)
    discovery.events?.on('error', this.#onError)
    socket.events.on('close', this.#end)
    void this.#watch()
  }

  /** The peers that are there now. */
  get services(): readonly Service[] {
    return [...this.#peers.values()].map(peer => peer.service)
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    // The caller listens to events from now on.
    await undefined
    while (!signal.aborted) {
      try {
        for await (const change of this.#options.discovery.watch(this.#name, signal)) this.#changed(change)
        this.#end()
      } catch (error) {
        if (signal.aborted) return
        emitOrWarn(this, providerError(`"${this.#name}" cannot be watched`, error))
        await setTimeout(WATCH_AGAIN, undefined, { signal, ref: false }).catch(() => {})
      }
    }
  }

  #changed({ kind, service }: ServiceChange): void {
    if (this.#stop.signal.aborted) return
    if (kind === 'down') {
      this.#refused.delete(service.instance)
      this.#gone(service.instance)
    } else if (this.#welcome(service)) this.#known(service)
    else this.#gone(service.instance)
    this.#reconcile()
  }

  #welcome(service: Service): boolean {
    const { description } = this.#socket
    const ours = service.instance === instanceOf(this.#socket) || isBoundHere(service, description.endpoints)
    if ((ours && !this.#options.own) || service.endpoints.length === 0) return false
    const found = differences(description, this.#contract, service)
    if (found.length > 0) {
      const text = JSON.stringify(found)
      if (this.#refused.get(service.instance) === text) return false
      this.#refused.set(service.instance, text)
      this.emit('mismatch', { service, differences: found })
      return false
    }
    this.#refused.delete(service.instance)
    try {
      return this.#options.accept?.(service) ?? true
    } catch (error) {
      emitOrWarn(this, providerError('option accept has thrown', error))
      return false
    }
  }

  #known(service: Service): void {
    const peer = this.#peers.get(service.instance)
    if (peer) peer.update(service)
    else if (this.#peers.size >= Math.max(MAX_KNOWN, this.#bounds.total)) return
    else this.#peers.set(service.instance, new FollowedPeer(service))
    this.emit('up', { service })
  }

  #gone(instance: string): void {
    const peer = this.#peers.get(instance)
    if (peer === undefined) return
    // Only packets may have been lost. The connection stands: its heartbeats decide.
    if (peer.live) peer.gone = true
    else this.#drop(peer)
  }

  #drop(peer: FollowedPeer): void {
    this.#peers.delete(peer.service.instance)
    peer.disconnect()
    this.emit('down', { service: peer.service })
  }

  /** Once a turn of the event loop, however many peers have changed: it looks at all of them. */
  #reconcile(): void {
    if (this.#reconciling) return
    this.#reconciling = true
    setImmediate(() => {
      this.#reconciling = false
      if (this.#stop.signal.aborted) return
      for (const peer of this.#peers.values()) if (peer.gone && !peer.live) this.#drop(peer)
      const { chosen: allowed, excess, left } = withinBounds(this.#peers.values(), this.#bounds)
      this.#tellExcess(excess, left)
      const chosen = select(allowed, this.#limit)
      this.#connect(chosen)
      const release = settled(chosen, this.#limit)
      for (const peer of this.#peers.values())
        if (!chosen.has(peer) && (release || !peer.live)) peer.disconnect()
      for (const { connection } of this.#peers.values()) connection?.update()
    })
  }

  /** Each source once, until it is over. */
  #tellExcess(excess: ReadonlyMap<string, number>, left: number): void {
    const { total, perSource } = this.#bounds
    for (const about of this.#told)
      if (about === '' ? left === 0 : !excess.has(about)) this.#told.delete(about)
    for (const [source, count] of excess) {
      this.#once(
        source,
        `${source} announces ${count} peers named "${this.#name}"; ${perSource} are used (option maxPeersPerSource)`,
      )
    }
    if (left > 0) {
      this.#once('', `${total + left} peers are named "${this.#name}"; ${total} are used (option maxPeers)`)
    }
  }

  #once(about: string, text: string): void {
    if (this.#told.has(about)) return
    this.#told.add(about)
    this.#onError(new DiscoveryError('bad-answer', text))
  }

  #connect(peers: Iterable<FollowedPeer>): void {
    const known = new Map<string, Connection>()
    for (const { connection } of this.#peers.values())
      if (connection) known.set(connection.dialling.endpoint, connection)
    for (const peer of peers) {
      try {
        peer.connect(known, this.#socket, this.#diallingOwner)
      } catch (error) {
        this.#onError(providerError('a peer cannot be connected to', error))
      }
    }
  }

  readonly #onError = (error: DiscoveryError): void => emitOrWarn(this, error)

  readonly #end = (): void => {
    if (this.#stop.signal.aborted) return
    this.#stop.abort()
    this.#options.signal?.removeEventListener('abort', this.#end)
    this.#options.discovery.events?.off('error', this.#onError)
    this.#socket.events.off('close', this.#end)
    // Dialling that has led nowhere would go on for ever.
    for (const peer of this.#peers.values()) if (!peer.live) peer.disconnect()
    this.#peers.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
  }
}
