/** The engine in pure TypeScript: ZMTP 3.1 (RFC 37) over byte streams, and queues between sockets of one process. */
import type { SocketType } from '../../socket-type.ts'
import type { Transport, TransportOptions } from '../../transport/transport.ts'
import { SlabPool } from '../../wire/slab-pool.ts'
import type { CoreOptions, Engine, EngineSocket } from '../engine.ts'
import { ZmtpSocket } from './zmtp-socket.ts'

export class ZmtpEngine implements Engine {
  readonly name = 'zmtp'
  readonly #transports: readonly ((options: TransportOptions) => Transport)[]
  readonly #slabs = new SlabPool()
  readonly #sockets = new Set<ZmtpSocket<SocketType>>()

  constructor(transports: readonly ((options: TransportOptions) => Transport)[]) {
    this.#transports = transports
  }

  open<Type extends SocketType>(type: Type, options: CoreOptions): EngineSocket<Type> {
    const transports = this.#transports.map(create => create(options))
    const byScheme = new Map(transports.map(transport => [transport.scheme, transport]))
    const socket = new ZmtpSocket(type, options, byScheme, this.#slabs)
    this.#sockets.add(socket)
    socket.events.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  /** Closes every socket that is still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sockets].map(socket => socket.close()))
  }
}
