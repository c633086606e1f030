/** The second engine: the sockets of npm `zeromq`, that is libzmq itself, behind the same seam. */
import { TypedMqError } from '../../errors.ts'
import type { SocketType } from '../../socket-type.ts'
import type { CoreOptions, Engine, EngineSocket } from '../engine.ts'
import { endpointError } from './endpoints.ts'
import { InprocNames } from './inproc-names.ts'
import { toNative } from './libzmq-options.ts'
import { LibzmqSocket } from './libzmq-socket.ts'
import { loadNative, type NATIVE_CLASSES, type NativeContext, type NativeModule } from './native.ts'

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
const CLASSES: Record<SocketType, (typeof NATIVE_CLASSES)[number]> = {
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

/** inproc names belong to a libzmq context; the ESM and CJS copies of this module share the global one. */
const NAMES = Symbol.for('typedmq.libzmq.inproc')
const shared = globalThis as typeof globalThis & { [NAMES]?: WeakMap<NativeContext, InprocNames> }

export class LibzmqEngine implements Engine {
  readonly name = 'libzmq'
  readonly #native: NativeModule
  readonly #context: NativeContext
  readonly #names: InprocNames
  readonly #sockets = new Set<LibzmqSocket>()

  constructor(options: LibzmqOptions) {
    this.#native = loadNative()
    // Options belong to a context, and can be set only before its first socket: whoever wants some gets one of their own.
    this.#context =
      Object.keys(options).length === 0 ? this.#native.context : new this.#native.Context({ ...options })
    this.#names = namesOf(this.#context)
  }

  open(type: SocketType, options: CoreOptions): EngineSocket {
    const settings = toNative(type, options)
    const socket = new LibzmqSocket({
      type,
      options,
      native: this.#create(type, settings),
      names: this.#names,
      gone: closed => this.#sockets.delete(closed),
    })
    this.#sockets.add(socket)
    return socket
  }

  /** Closes the sockets that are open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sockets].map(socket => socket.close()))
  }

  #create(type: SocketType, settings: object) {
    try {
      return new this.#native[CLASSES[type]]({ ...settings, context: this.#context })
    } catch (error) {
      throw error instanceof TypedMqError ? error : endpointError(type, 'bind', error)
    }
  }
}

function namesOf(context: NativeContext): InprocNames {
  shared[NAMES] ??= new WeakMap()
  let names = shared[NAMES].get(context)
  if (names === undefined) shared[NAMES].set(context, (names = new InprocNames()))
  return names
}
