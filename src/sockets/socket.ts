/** What every socket is, whatever its pattern: endpoints, peers, counters, life. */
import { DIAL, type Dialling, type DiallingOwner } from '../dialling.ts'
import { defaultEngine } from '../engine/default.ts'
import { Digest } from '../engine/digest.ts'
import type {
  CloseReport,
  CoreOptions,
  EngineSocket,
  OperationOptions,
  PeerInfo,
  SocketStats,
} from '../engine/engine.ts'
import { ownEvents, type SocketEvents } from '../engine/events.ts'
import { OptionError } from '../errors.ts'
import { completeOptions, type SocketOptions } from '../options.ts'
import type { SocketType } from '../socket-type.ts'
import { type CommonSettings, checkSpecificOptions, codecIn } from './settings.ts'

/** What a class of sockets tells this base. */
export interface SocketDefinition<Type extends SocketType> {
  readonly type: Type
  /** Settings that are for the class, not for the engine: the contract, and options of its own. */
  readonly own: readonly string[]
  /** Defaults that differ from the table's. */
  readonly defaults?: Partial<SocketOptions>
}

type Security = NonNullable<CoreOptions['security']>

/** What a socket is, for those who introduce it to others. */
export interface SocketDescription {
  readonly type: SocketType
  /** The endpoints that are bound now, as `bind` answered them. */
  readonly endpoints: readonly string[]
  /** The name of the codec. */
  readonly codec: string
  readonly mechanism: Security['name']
  /** CURVE: its public key, in Z85. */
  readonly publicKey: string | undefined
}

let reach: <Type extends SocketType>(socket: Socket<Type>) => EngineSocket<Type>

/** The engine socket under a socket; for this folder only. */
export function engineSocketOf<Type extends SocketType>(socket: Socket<Type>): EngineSocket<Type> {
  return reach(socket)
}

export abstract class Socket<Type extends SocketType = SocketType> implements AsyncDisposable {
  readonly #engineSocket: EngineSocket<Type>
  readonly #codec: string
  readonly #security: CoreOptions['security']
  #invalid = 0
  readonly #invalids = new Digest<Error>((count, error) => {
    this.events.emit('message:invalid', { error: error!, count })
  })

  static {
    reach = socket => socket.#engineSocket
  }

  constructor(definition: SocketDefinition<Type>, settings: CommonSettings) {
    const { engine = defaultEngine, security, authenticate, ...others } = settings
    if (typeof engine?.open !== 'function') {
      throw new OptionError('engine', `option engine is ${engine}; it must be an engine, such as libzmq()`)
    }
    checkSpecificOptions(definition.type, settings)
    this.#codec = codecIn(settings).name
    this.#security = security
    const options = Object.fromEntries(
      Object.entries(others).filter(([name]) => !definition.own.includes(name)),
    )
    this.#engineSocket = engine.open(definition.type, {
      ...completeOptions(options, definition.defaults),
      security,
      authenticate,
    })
    ownEvents(this.#engineSocket.events, this)
  }

  /** Listens at an endpoint; answers the real one, with the port the system chose. Throws `AddressError`. */
  bind(endpoint: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<string> {
    return this.#engineSocket.bind(endpoint, options?.signal)
  }

  /** Stops listening. Peers that came in this way stay. */
  unbind(endpoint: string): Promise<void> {
    return this.#engineSocket.unbind(endpoint)
  }

  /** Returns at once; dialling goes on until `disconnect` or `close`. Throws `AddressError` when the endpoint is none. */
  connect(endpoint: string): this {
    this.#engineSocket.connect(endpoint)
    return this
  }

  /** For discovery. */
  [DIAL](addresses: readonly string[], owner: DiallingOwner): Dialling {
    return this.#engineSocket.dial(addresses, owner)
  }

  /** Takes back a `connect`: the peer is let go, dialling ends. */
  disconnect(endpoint: string): void {
    this.#engineSocket.disconnect(endpoint)
  }

  /** Resolves once at least `count` peers are there and ready. */
  connected(count = 1, options?: OperationOptions): Promise<void> {
    return this.#engineSocket.connected(count, options)
  }

  /** Who is connected now. */
  get peers(): readonly PeerInfo[] {
    return this.#engineSocket.peers
  }

  /** What the socket is, as of now. */
  get description(): SocketDescription {
    const { type, endpoints } = this.#engineSocket
    const { name = 'NULL', publicKey } = this.#security ?? {}
    return { type, endpoints, codec: this.#codec, mechanism: name, publicKey }
  }

  /** Counters of the socket and of each peer, as of now. */
  stats(): SocketStats {
    return { ...this.#engineSocket.stats(), invalid: this.#invalid }
  }

  /** What happens to the socket: bind, connect, accept, handshake, disconnect, drops and more. */
  get events(): SocketEvents {
    return this.#engineSocket.events
  }

  /** Sends what is queued, for at most `linger` milliseconds (default: the option), then ends. Idempotent; pending calls reject with `ClosedError`. */
  close(options?: { readonly linger?: number | undefined }): Promise<CloseReport> {
    this.#invalids.close()
    return this.#engineSocket.close(options)
  }

  /** `close()`, for `await using`; warns the process when messages had to be dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { dropped } = await this.close()
    if (dropped === 0 || dropped === undefined) return
    process.emitWarning(
      `a ${this.#engineSocket.type} socket was closed with ${dropped} messages unsent; option linger gives it longer`,
      { type: 'TypedMqWarning', code: 'TYPEDMQ_DROPPED' },
    )
  }

  /** Counts a received message that could not be used, and tells of it. */
  protected skip(error: Error): void {
    this.#invalid++
    this.#invalids.add(1, error)
  }
}
