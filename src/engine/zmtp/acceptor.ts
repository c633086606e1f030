/** One bound endpoint: takes peers in, and bounds how many may be in their handshake at once. */
import { ProtocolError } from '../../errors.ts'
import type { Origin, Peer } from '../../peer/peer.ts'
import type { Connection, InprocAnswer, InprocEnd, Listener, Transport } from '../../transport/transport.ts'
import type { SocketCore } from './socket-core.ts'

export class Acceptor implements Origin {
  readonly accepts = true
  /** The endpoint as it was written. */
  readonly given: string
  readonly #core: SocketCore
  #listener: Listener | undefined
  /** Peers whose handshake is not over, oldest first. */
  readonly #shaking = new Set<Peer>()

  constructor(core: SocketCore, given: string) {
    this.#core = core
    this.given = given
  }

  /** The real endpoint, once it listens. */
  get endpoint(): string {
    return this.#listener?.endpoint ?? this.given
  }

  async listen(transport: Transport): Promise<void> {
    this.#listener =
      transport.kind === 'bytes'
        ? await transport.listen(this.given, connection => this.#accept(connection))
        : await transport.listen(this.given, end => this.#meet(end))
  }

  async close(): Promise<void> {
    await this.#listener?.close()
  }

  joining(peer: Peer): void {
    this.#shaking.delete(peer)
  }

  failed(peer: Peer): void {
    this.#shaking.delete(peer)
    this.#core.leave(peer)
  }

  ended(): void {}

  #accept(connection: Connection): void {
    const { endpoint } = this
    const core = this.#core
    core.events.emit('accept', { endpoint, address: connection.remote })
    if (core.checks.closed) {
      connection.destroy()
      return
    }
    const peer = core.peers.create(endpoint, this)
    this.#shaking.add(peer)
    core.shake(peer, connection)
    if (this.#shaking.size <= core.options.maxHandshakes) return
    // Who has been here longest without an end is the least likely to be honest.
    const [oldest] = this.#shaking
    oldest!.session!.destroy(new ProtocolError('the oldest of too many handshakes at once'))
  }

  /** A socket of this process hands over its end; ours is what we answer. */
  #meet(end: InprocEnd): InprocAnswer {
    const core = this.#core
    const { endpoint } = this
    const identity = { ...end.identity, address: endpoint }
    const objection = core.checks.refuses(this, identity)
    if (objection !== undefined) {
      const error = new ProtocolError(objection, { fatal: true })
      core.tellRefused(endpoint, endpoint, error)
      throw error
    }
    const peer = core.peers.adopt(endpoint, this, end)
    const join = () => {
      if (peer.phase !== 'connecting') return false
      // Whoever was told that the dialler has joined may have brought another.
      if (core.checks.refuses(this, identity) === undefined) core.join(peer, identity, end.partner)
      else core.leave(peer)
      return peer.attached
    }
    return { ...core.endOf(peer), join }
  }
}
