/** The second engine: the sockets of npm `zeromq`, that is libzmq itself, behind the same seam. */
import { UnsupportedError } from '../../errors.ts'
import type { SocketType } from '../../socket-type.ts'
import type { CoreOptions, Engine, EngineSocket } from '../engine.ts'
import { InprocNames } from './inproc-names.ts'
import { toNative } from './libzmq-options.ts'
import { mustAsk, securityToNative } from './libzmq-security.ts'
import { LibzmqSocket } from './libzmq-socket.ts'
import {
  codeOf,
  loadNative,
  type NativeClassName,
  type NativeContext,
  type NativeModule,
  type NativeSocket,
} from './native.ts'
import { Zap } from './zap.ts'

export interface LibzmqOptions {
  /** ZMQ_IO_THREADS. Threads that libzmq does its I/O on; one can carry about a gigabyte a second. Default 1. */
  readonly ioThreads?: number
  /** ZMQ_MAX_SOCKETS. A socket here takes three of libzmq's: itself and two that watch it. Default 1,023. */
  readonly maxSockets?: number
}

/**
 * Which libzmq socket does the work. REQ and REP know lock-step only, and PUB does not tell its subscriptions, so their
 * wider relatives take their places.
 */
const CLASSES: Record<SocketType, NativeClassName> = {
  PUSH: 'Push',
  PULL: 'Pull',
  PUB: 'XPublisher',
  SUB: 'Subscriber',
  XPUB: 'XPublisher',
  XSUB: 'XSubscriber',
  REQ: 'Dealer',
  REP: 'Router',
  DEALER: 'Dealer',
  ROUTER: 'Router',
  PAIR: 'Pair',
}

/** What the sockets of one libzmq context have in common. */
interface Shared {
  readonly names: InprocNames
  readonly zap: Zap
}

/** The ESM and CJS copies of this module have libzmq's global context in common. */
const SHARED = Symbol.for('typedmq.libzmq.shared')
const registry = globalThis as typeof globalThis & { [SHARED]?: WeakMap<NativeContext, Shared> }

export class LibzmqEngine implements Engine {
  readonly name = 'libzmq'
  readonly #native: NativeModule
  readonly #context: NativeContext
  readonly #shared: Shared
  readonly #sockets = new Set<LibzmqSocket<SocketType>>()

  constructor(options: LibzmqOptions) {
    this.#native = loadNative()
    // Options belong to a context, and can be set only before its first socket: whoever wants some gets one of their own.
    this.#context =
      Object.keys(options).length === 0 ? this.#native.context : new this.#native.Context({ ...options })
    this.#shared = this.#sharedOf(this.#context)
  }

  open<Type extends SocketType>(type: Type, options: CoreOptions): EngineSocket<Type> {
    const native = this.#create(CLASSES[type], { ...toNative(type, options), ...securityToNative(options) })
    const domain = mustAsk(options) ? this.#ask(native, options) : undefined
    const socket = new LibzmqSocket(type, options, native, this.#shared.names)
    socket.events.once('close', () => {
      this.#sockets.delete(socket)
      if (domain !== undefined) this.#shared.zap.delete(domain)
    })
    this.#sockets.add(socket)
    return socket
  }

  /** Closes the sockets that are open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sockets].map(socket => socket.close()))
  }

  /** From now on libzmq asks us about each peer of the socket; without an answer nobody is let in. */
  #ask(native: NativeSocket, options: CoreOptions): string {
    try {
      const domain = this.#shared.zap.add(options)
      Object.assign(native, { zapDomain: domain, zapEnforceDomain: true })
      return domain
    } catch (error) {
      native.close()
      throw error
    }
  }

  #create(name: NativeClassName, settings: object): NativeSocket {
    try {
      return new this.#native[name]({ ...settings, context: this.#context })
    } catch (error) {
      if (codeOf(error) !== 'EMFILE') throw error
      throw new UnsupportedError('libzmq has no sockets left: give libzmq() a higher maxSockets', {
        cause: error,
      })
    }
  }

  #sharedOf(context: NativeContext): Shared {
    registry[SHARED] ??= new WeakMap()
    let shared = registry[SHARED].get(context)
    if (shared === undefined) {
      shared = { names: new InprocNames(), zap: new Zap(() => this.#create('Router', { linger: 0 })) }
      registry[SHARED].set(context, shared)
    }
    return shared
  }
}
