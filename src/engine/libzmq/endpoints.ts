/** Where a socket is bound and connected. What asks libzmq for something then wakes the receive that waits: see `wakeReceive`. */
import type { DiallingOwner } from '../../dialling.ts'
import { AddressError, ClosedError, StateError } from '../../errors.ts'
import type { CoreOptions } from '../engine.ts'
import type { SocketEvents } from '../events.ts'
import { Dialer, type DialerEndpoints } from './dialer.ts'
import { checkEndpoint, endpointError, isInproc, lastBound, refuseLive } from './endpoint-checks.ts'
import type { InprocEnd, InprocNames } from './inproc-names.ts'
import { checkClear } from './libzmq-security.ts'
import { Monitor, type MonitorOwner } from './monitor.ts'
import { codeOf, type NativeSocket } from './native.ts'
import type { NativeSender } from './native-sender.ts'
import type { Peers } from './peers.ts'

export interface EndpointsOwner {
  readonly options: CoreOptions
  readonly native: NativeSocket
  readonly names: InprocNames
  readonly events: SocketEvents
  readonly peers: Peers
  readonly sender: Pick<NativeSender, 'wakeReceive'>
  /** Polls, so that libzmq can carry out what takes several steps. True when there is something to read. */
  poll(): boolean
  /** A peer has joined or left. */
  peersChanged(): void
}

export class Endpoints implements InprocEnd, MonitorOwner, DialerEndpoints {
  readonly #owner: EndpointsOwner
  readonly monitor: Monitor
  /** What was asked for, by the endpoint it became. */
  readonly #bound = new Map<string, string>()
  /** What is connected, with the dialer of a peer that has several addresses. */
  readonly #connected = new Map<string, Dialer | undefined>()
  #closed = false

  constructor(owner: EndpointsOwner) {
    this.#owner = owner
    this.monitor = new Monitor(this, owner)
  }

  get bound(): readonly string[] {
    return [...this.#bound.keys()]
  }

  get all(): readonly string[] {
    return [...this.#bound.keys(), ...this.#connected.keys()]
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
    this.monitor.added(real)
    this.#owner.sender.wakeReceive()
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
    this.#disconnectNative(real)
    if (isInproc(real)) this.#owner.names.unbind(real)
    else {
      const closed = this.monitor.listenerClosed(real)
      this.monitor.removed(real)
      await closed
    }
    this.#owner.events.emit('unbind', { endpoint: real })
  }

  connect(endpoint: string): void {
    this.#add(endpoint, undefined)
  }

  /** Throws what connecting to the first address throws. */
  dial(addresses: readonly string[], owner: DiallingOwner): Dialer {
    const dialer = new Dialer(this, addresses, owner, this.#owner.options)
    this.#add(dialer.endpoint, dialer)
    return dialer
  }

  /** False when it cannot be connected to: another dialer is, or it is not an endpoint. */
  move(dialer: Dialer, to: string): boolean {
    try {
      // First the new one: what was queued for the old can move over.
      this.#add(to, dialer)
    } catch {
      return false
    }
    this.#connected.delete(dialer.endpoint)
    this.#disconnect(dialer.endpoint)
    return true
  }

  disconnect(endpoint: string): void {
    this.#check()
    const dialer = this.#connected.get(endpoint)
    if (!this.#connected.delete(endpoint))
      throw new AddressError(endpoint, `this socket is not connected to "${endpoint}"`)
    dialer?.stop()
    this.#disconnect(endpoint)
  }

  /** New connections, which cannot bring what was asked for on the old ones. */
  dialAnew(): void {
    for (const [endpoint, dialer] of [...this.#connected]) {
      this.#disconnect(endpoint)
      // A listener may have disconnected or closed it.
      if (!this.#closed && this.#connected.has(endpoint)) this.#connect(endpoint, dialer)
    }
  }

  /** Before the socket is closed: frees the inproc names, which libzmq would do a little later. */
  close(): void {
    this.#closed = true
    for (const dialer of this.#connected.values()) dialer?.stop()
    for (const endpoint of this.bound) {
      if (isInproc(endpoint)) this.#disconnectNative(endpoint)
      this.#owner.events.emit('unbind', { endpoint })
    }
  }

  /** After the socket was closed. The others hear of it when libzmq has let go: before, they may read from it, or write to it, still. */
  closed(): void {
    void this.monitor.ended.then(this.#owner.names.close(this))
  }

  joined(endpoint: string): void {
    this.#connected.get(endpoint)?.joined()
    this.#owner.peersChanged()
  }

  left(endpoint: string): void {
    this.#connected.get(endpoint)?.left()
    this.#owner.peersChanged()
  }

  retrying(endpoint: string): void {
    this.#connected.get(endpoint)?.failed()
  }

  poll(): void {
    this.#owner.poll()
  }

  inprocJoined(endpoint: string, dialled: boolean): void {
    this.monitor.join(endpoint, dialled)
  }

  inprocLeft(endpoint: string): void {
    if (!this.#closed) this.monitor.leave(endpoint)
  }

  inprocClosing(endpoint: string): boolean {
    if (this.#closed) return false
    const unread = this.#owner.poll()
    if (unread) this.monitor.leave(endpoint)
    return unread
  }

  inprocClosed(endpoint: string): void {
    if (this.#closed || !this.#connected.has(endpoint)) return
    this.#owner.native.connect(endpoint)
    this.#owner.sender.wakeReceive()
    this.#owner.names.connect(endpoint, this)
  }

  #add(endpoint: string, dialer: Dialer | undefined): void {
    this.#check()
    if (this.#connected.has(endpoint))
      throw new StateError(`this socket is connected to "${endpoint}" already`)
    this.#connect(endpoint, dialer)
  }

  #connect(endpoint: string, dialer: Dialer | undefined): void {
    const { native, names, options } = this.#owner
    const { ipv6 } = checkEndpoint(endpoint, true)
    checkClear(options, endpoint)
    try {
      if (ipv6) native.ipv6 = true
      native.connect(endpoint)
    } catch (error) {
      throw endpointError(endpoint, 'connect', error)
    }
    this.#connected.set(endpoint, dialer)
    this.monitor.added(endpoint)
    this.#owner.sender.wakeReceive()
    if (isInproc(endpoint)) names.connect(endpoint, this)
  }

  #disconnect(endpoint: string): void {
    this.#disconnectNative(endpoint)
    if (isInproc(endpoint)) this.#owner.names.disconnect(endpoint, this)
    else this.monitor.removed(endpoint)
    this.#owner.poll()
  }

  #disconnectNative(endpoint: string): void {
    try {
      this.#owner.native.disconnect(endpoint)
    } catch (error) {
      // An inproc connection whose other end has disconnected.
      if (codeOf(error) !== 'ENOENT') throw error
    }
    this.#owner.sender.wakeReceive()
  }

  #check(signal?: AbortSignal): void {
    if (this.#closed) throw new ClosedError()
    signal?.throwIfAborted()
  }
}
