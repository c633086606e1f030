/** Where a socket is bound and connected. Calls that ask libzmq for something are followed by a kick: see Sender. */
import { AddressError, ClosedError, StateError } from '../../errors.ts'
import type { CoreOptions } from '../engine.ts'
import type { SocketEvents } from '../events.ts'
import { checkEndpoint, endpointError, isInproc, lastBound, refuseLive } from './endpoints.ts'
import type { InprocEnd, InprocNames } from './inproc-names.ts'
import { checkClear } from './libzmq-security.ts'
import type { Monitor } from './monitor.ts'
import { codeOf, type NativeSocket } from './native.ts'

export interface AttachmentsOwner {
  readonly options: CoreOptions
  readonly native: NativeSocket
  readonly names: InprocNames
  readonly events: SocketEvents
  readonly monitor: Monitor
  kick(): void
  /** Polls, so that libzmq can carry out what takes several steps. True when there is something to read. */
  poll(): boolean
}

export class Attachments implements InprocEnd {
  readonly #owner: AttachmentsOwner
  /** What was asked for, by the endpoint it became. */
  readonly #bound = new Map<string, string>()
  readonly #dialled = new Set<string>()
  #closed = false

  constructor(owner: AttachmentsOwner) {
    this.#owner = owner
  }

  get bound(): readonly string[] {
    return [...this.#bound.keys()]
  }

  get all(): readonly string[] {
    return [...this.#bound.keys(), ...this.#dialled]
  }

  async bind(endpoint: string, signal: AbortSignal | undefined): Promise<string> {
    this.#check(signal)
    const { ipv6 } = checkEndpoint(endpoint, false)
    if (endpoint.startsWith('ipc:')) await refuseLive(endpoint)
    this.#check(signal)
    const { native, names, events } = this.#owner
    try {
      if (ipv6) native.ipv6 = true
      native.bindSync(endpoint)
    } catch (error) {
      throw endpointError(endpoint, 'bind', error)
    }
    const real = lastBound(native, endpoint)
    this.#bound.set(real, endpoint)
    this.#owner.monitor.attached(real)
    this.#owner.kick()
    events.emit('bind', { endpoint: real })
    if (isInproc(real)) names.bind(real, this)
    return real
  }

  /** libzmq ends the connections that came this way, too; those of inproc stay. */
  async unbind(endpoint: string): Promise<void> {
    this.#check()
    const real = this.bound.find(real => real === endpoint || this.#bound.get(real) === endpoint)
    if (real === undefined) throw new AddressError(endpoint, `this socket is not bound to "${endpoint}"`)
    this.#bound.delete(real)
    this.#release(real)
    if (isInproc(real)) this.#owner.names.unbind(real)
    else {
      const closed = this.#owner.monitor.listenerClosed(real)
      this.#owner.monitor.released(real)
      await closed
    }
    this.#owner.events.emit('unbind', { endpoint: real })
  }

  connect(endpoint: string): void {
    this.#check()
    const { native, names, options } = this.#owner
    const { ipv6 } = checkEndpoint(endpoint, true)
    checkClear(options, endpoint)
    if (this.#dialled.has(endpoint)) throw new StateError(`this socket is connected to "${endpoint}" already`)
    try {
      if (ipv6) native.ipv6 = true
      native.connect(endpoint)
    } catch (error) {
      throw endpointError(endpoint, 'connect', error)
    }
    this.#dialled.add(endpoint)
    this.#owner.monitor.attached(endpoint)
    this.#owner.kick()
    if (isInproc(endpoint)) names.connect(endpoint, this)
  }

  disconnect(endpoint: string): void {
    this.#check()
    if (!this.#dialled.delete(endpoint))
      throw new AddressError(endpoint, `this socket is not connected to "${endpoint}"`)
    this.#release(endpoint)
    if (isInproc(endpoint)) this.#owner.names.disconnect(endpoint, this)
    else this.#owner.monitor.released(endpoint)
    this.#owner.poll()
  }

  /** New connections, which cannot bring what was asked for on the old ones. */
  dialAnew(): void {
    for (const endpoint of [...this.#dialled]) {
      this.disconnect(endpoint)
      this.connect(endpoint)
    }
  }

  /** Before the socket is closed: frees the inproc names, which libzmq would do a little later. */
  close(): void {
    this.#closed = true
    for (const endpoint of this.bound) {
      if (isInproc(endpoint)) this.#release(endpoint)
      this.#owner.events.emit('unbind', { endpoint })
    }
  }

  /** After the socket was closed. The others hear of it when libzmq has let go: before, they may read from it, or write to it, still. */
  closed(): void {
    void this.#owner.monitor.ended.then(this.#owner.names.close(this))
  }

  came(endpoint: string, dialled: boolean): void {
    this.#owner.monitor.peerCame(endpoint, dialled)
  }

  gone(endpoint: string): void {
    if (!this.#closed) this.#owner.monitor.peerGone(endpoint)
  }

  going(endpoint: string): boolean {
    if (this.#closed) return false
    const unread = this.#owner.poll()
    if (unread) this.#owner.monitor.peerGone(endpoint)
    return unread
  }

  redial(endpoint: string): void {
    if (this.#closed || !this.#dialled.has(endpoint)) return
    this.#owner.native.connect(endpoint)
    this.#owner.kick()
    this.#owner.names.connect(endpoint, this)
  }

  #release(endpoint: string): void {
    try {
      this.#owner.native.disconnect(endpoint)
    } catch (error) {
      // An inproc connection whose other end has gone.
      if (codeOf(error) !== 'ENOENT') throw error
    }
    this.#owner.kick()
  }

  #check(signal?: AbortSignal): void {
    if (this.#closed) throw new ClosedError()
    signal?.throwIfAborted()
  }
}
