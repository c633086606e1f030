/** The endpoints of a socket: what it binds and listens on, and what it connects to. */
import type { DiallingOwner } from '../../dialling.ts'
import { schemeOf } from '../../endpoint.ts'
import { AddressError, ClosedError, StateError } from '../../errors.ts'
import type { Security } from '../../security/mechanism.ts'
import { staysLocal } from '../../security/peer-address.ts'
import type { Transport } from '../../transport/transport.ts'
import { Acceptor } from './acceptor.ts'
import { Dialer, type DialerEndpoints } from './dialer.ts'
import type { SocketCore } from './socket-core.ts'

export class Endpoints implements DialerEndpoints {
  readonly #core: SocketCore
  readonly #security: Security
  readonly #transports: ReadonlyMap<string, Transport>
  /** By the address that each tries now, or is connected to. */
  readonly #dialers = new Map<string, Dialer>()
  readonly #acceptors = new Set<Acceptor>()
  readonly prepared: Promise<void> | undefined
  /** Whether `security:clear` has been told. */
  #warned = false

  constructor(core: SocketCore, security: Security, transports: ReadonlyMap<string, Transport>) {
    this.#core = core
    this.#security = security
    this.#transports = transports
    this.prepared = security.prepare?.()
    this.prepared?.catch(() => {})
  }

  get bound(): readonly string[] {
    return [...this.#acceptors].map(acceptor => acceptor.endpoint)
  }

  async bind(endpoint: string, signal: AbortSignal | undefined): Promise<string> {
    const transport = this.transport(endpoint)
    signal?.throwIfAborted()
    await this.prepared
    const acceptor = new Acceptor(this.#core, endpoint)
    await acceptor.listen(transport)
    if (this.#core.checks.closed || signal?.aborted) {
      await acceptor.close()
      throw signal?.aborted ? signal.reason : new ClosedError()
    }
    this.#acceptors.add(acceptor)
    this.#core.events.emit('bind', { endpoint: acceptor.endpoint })
    this.#warnOfClear(acceptor.endpoint)
    return acceptor.endpoint
  }

  /** Stops listening; peers that came this way stay. */
  async unbind(endpoint: string): Promise<void> {
    const acceptor = [...this.#acceptors].find(one => one.given === endpoint || one.endpoint === endpoint)
    if (acceptor === undefined) throw new AddressError(endpoint, `this socket is not bound to "${endpoint}"`)
    this.#acceptors.delete(acceptor)
    await acceptor.close()
    this.#core.events.emit('unbind', { endpoint: acceptor.endpoint })
  }

  /** `addresses`: at least one. Another that cannot be dialled is an attempt that fails. */
  dial(addresses: readonly string[], owner?: DiallingOwner): Dialer {
    const endpoint = addresses[0]!
    this.transport(endpoint).check(endpoint)
    if (this.#dialers.has(endpoint)) throw new StateError(`this socket is connected to "${endpoint}" already`)
    const dialer = new Dialer(this.#core, this, addresses, owner)
    this.#dialers.set(endpoint, dialer)
    dialer.start()
    return dialer
  }

  transport(endpoint: string): Transport {
    if (this.#core.checks.closed) throw new ClosedError()
    const scheme = schemeOf(endpoint)
    const transport = this.#transports.get(scheme)
    if (transport !== undefined) return transport
    const known = [...this.#transports.keys()].map(name => `${name}://`).join(', ')
    throw new AddressError(endpoint, `no transport for "${endpoint}"; known are ${known}`)
  }

  move(dialer: Dialer, to: string): boolean {
    if (this.#dialers.has(to)) return false
    this.#dialers.delete(dialer.endpoint)
    this.#dialers.set(to, dialer)
    return true
  }

  /** Stops dialling, and takes leave of the peer: what the kernel takes at once still goes out. */
  disconnect(endpoint: string): void {
    const dialer = this.#dialers.get(endpoint)
    if (dialer === undefined)
      throw new AddressError(endpoint, `this socket is not connected to "${endpoint}"`)
    this.#dialers.delete(endpoint)
    const { linger } = this.#core.options
    const { peer } = dialer
    const { session } = peer
    dialer.stop()
    this.#core.leave(peer, { byUs: true })
    if (linger !== Infinity) session?.destroyAfter(linger)
  }

  /** Tells whoever has announced our endpoints that they will be gone. */
  announceEnd(): void {
    for (const endpoint of this.bound) this.#core.events.emit('unbind', { endpoint })
  }

  /** Ends everything; peers have so many milliseconds to be seen off. */
  async close(patience: number): Promise<void> {
    const core = this.#core
    core.checks.closed = true
    for (const dialer of this.#dialers.values()) dialer.stop()
    const acceptors = [...this.#acceptors].map(acceptor => acceptor.close())
    this.#acceptors.clear()
    // Both ends of an inproc pair may close in one turn: neither is to wait for the other to take back what came back.
    await undefined
    for (const peer of core.peers.all) {
      if (peer.phase === 'handshaking') peer.session!.destroy()
      else core.leave(peer, { byUs: true })
    }
    if (patience > 0 && core.peers.count > 0) await core.linger.until(() => core.peers.count === 0, patience)
    for (const { session } of core.peers.all) session?.destroy()
    await Promise.all(acceptors)
  }

  #warnOfClear(endpoint: string): void {
    if (this.#warned || this.#security.name === 'CURVE' || staysLocal(endpoint)) return
    this.#warned = true
    this.#core.events.emit('security:clear', { endpoint })
  }
}
