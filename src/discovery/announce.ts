/** The verb that makes a socket known: every endpoint it has bound or will bind, until it closes. */
import { Emitter } from '../emitter.ts'
import type { DiscoveryError } from '../errors.ts'
import { advertised, checkAddress } from './bound-endpoints.ts'
import { type DiscoverableSocket, instanceOf } from './discoverable.ts'
import type { Discovery, Service } from './discovery.ts'
import { emitOrWarn, providerError } from './error-reporter.ts'
import { fingerprint } from './fingerprint.ts'
import { encodeTxt } from './mdns/txt.ts'
import { checkName } from './service-name.ts'

export interface AnnounceOptions {
  readonly discovery: Discovery
  /** The application's own words, shown to those who follow; about 1 KB. */
  readonly meta?: Readonly<Record<string, string>> | undefined
  /** What peers connect to instead of the bound address: a host (the bound port stays) or a tcp endpoint. */
  readonly address?: string | undefined
  /** Peers with another contract do not connect: a text such as 'jobs/2', or data such as a JSON Schema. */
  readonly contract?: string | object | undefined
  /** Withdraws, as disposing of the result does. */
  readonly signal?: AbortSignal | undefined
}

export interface AnnouncementEvents {
  /** An endpoint is announced. */
  up: [{ service: Service }]
  /** An endpoint is withdrawn. */
  down: [{ service: Service }]
  /** Something does not work for now. Without a listener it is a process warning. */
  error: [DiscoveryError]
}

type Withdraw = () => Promise<void>

/** ZMTP, RFC 37. */
const PROTOCOL = '3.1'

/** Throws `OptionError` or `AddressError` for what can never be announced; all else is an `error` event. */
export function announce(socket: DiscoverableSocket, name: string, options: AnnounceOptions): Announcement {
  return new Announcement(socket, name, options)
}

export class Announcement extends Emitter<AnnouncementEvents> implements AsyncDisposable {
  readonly #socket: DiscoverableSocket
  readonly #options: AnnounceOptions
  readonly #service: Omit<Service, 'endpoints'>
  /** By bound endpoint. */
  readonly #endpoints = new Map<string, Promise<Withdraw>>()
  readonly #onError = (error: DiscoveryError) => emitOrWarn(this, error)
  readonly #onBind = ({ endpoint }: { endpoint: string }) => this.#add(endpoint)
  readonly #onUnbind = ({ endpoint }: { endpoint: string }) => void this.#remove(endpoint)
  readonly #onEnd = () => void this[Symbol.asyncDispose]()
  #ended: Promise<void> | undefined

  constructor(socket: DiscoverableSocket, name: string, options: AnnounceOptions) {
    super()
    this.#socket = socket
    this.#options = options
    const { type, mechanism, publicKey, codec } = socket.description
    this.#service = {
      name: checkName(name),
      instance: instanceOf(socket),
      socketType: type,
      protocol: PROTOCOL,
      mechanism,
      publicKey,
      codec,
      contract: options.contract === undefined ? undefined : fingerprint(options.contract),
      meta: options.meta,
    }
    // Whatever the provider: what does not fit a TXT record would fail on the day that mDNS is used.
    encodeTxt(this.#service)
    if (options.address !== undefined) checkAddress(options.address)
    this.#start()
  }

  #start(): void {
    const { discovery, signal } = this.#options
    if (signal?.aborted) {
      this.#ended = Promise.resolve()
      return
    }
    signal?.addEventListener('abort', this.#onEnd)
    discovery.events?.on('error', this.#onError)
    this.#socket.events.on('bind', this.#onBind).on('unbind', this.#onUnbind).on('close', this.#onEnd)
    for (const endpoint of this.#socket.description.endpoints) this.#add(endpoint)
  }

  #add(endpoint: string): void {
    if (this.#ended || this.#endpoints.has(endpoint)) return
    const service = { ...this.#service, endpoints: [advertised(endpoint, this.#options.address)] }
    this.#endpoints.set(endpoint, this.#announce(service))
  }

  async #announce(service: Service): Promise<Withdraw> {
    try {
      const announced = await this.#options.discovery.announce(service)
      this.emit('up', { service })
      return async () => {
        await announced[Symbol.asyncDispose]()
        this.emit('down', { service })
      }
    } catch (error) {
      emitOrWarn(this, providerError(`"${service.name}" cannot be announced`, error))
      return async () => {}
    }
  }

  async #remove(endpoint: string): Promise<void> {
    const announcing = this.#endpoints.get(endpoint)
    this.#endpoints.delete(endpoint)
    try {
      const withdraw = await announcing
      await withdraw?.()
    } catch (error) {
      emitOrWarn(this, providerError(`"${this.#service.name}" cannot be withdrawn`, error))
    }
  }

  /** Resolves once the goodbyes are out. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end()
    return this.#ended
  }

  async #end(): Promise<void> {
    const { discovery, signal } = this.#options
    this.#socket.events.off('bind', this.#onBind).off('unbind', this.#onUnbind).off('close', this.#onEnd)
    signal?.removeEventListener('abort', this.#onEnd)
    await Promise.all([...this.#endpoints.keys()].map(endpoint => this.#remove(endpoint)))
    discovery.events?.off('error', this.#onError)
  }
}
