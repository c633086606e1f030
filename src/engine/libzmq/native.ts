/** The part of npm `zeromq` that this engine uses, and how it is found: it is an optional peer dependency, so it is loaded at first use. */
import { createRequire } from 'node:module'
import { UnsupportedError } from '../../errors.ts'
import type { Frame, Message } from '../../message.ts'

/** Options that have no property on every socket class, by libzmq's number. */
export const NATIVE_SUBSCRIBE = 6
export const NATIVE_UNSUBSCRIBE = 7
export const RECEIVE_TIMEOUT = 27
export const SEND_TIMEOUT = 28

/** What a message costs a `YieldBudget`, in bytes: the work for more than 16 KiB is done by libzmq's threads. */
export function costOf(bytes: number): number {
  return Math.min(bytes, 16 * 1024)
}

export interface NativeEvent {
  readonly type: string
  /** The endpoint that was bound or connected; libzmq never names the far end of an accepted connection. */
  readonly address?: string
  readonly interval?: number
  readonly error?: Error
}

/** A socket's life as libzmq tells it. The last event is `end`: the socket has gone, linger included. */
export interface NativeObserver {
  receive(): Promise<NativeEvent | undefined>
}

/**
 * A zeromq.js socket. Every class has `send` and `receive` at run time; on a socket that cannot receive, `receive` waits for ever.
 * It allows one pending call of each.
 */
export interface NativeSocket {
  readonly events: NativeObserver
  readonly readable: boolean
  readonly writable: boolean
  readonly lastEndpoint: string | null
  linger: number
  ipv6: boolean
  bindSync(endpoint: string): void
  connect(endpoint: string): void
  /** Also unbinds: libzmq has one function for both. */
  disconnect(endpoint: string): void
  close(): void
  send(message: Message): Promise<void>
  receive(): Promise<Frame[]>
  setInt32Option(option: number, value: number): void
  setStringOption(option: number, value: Uint8Array): void
}

export type NativeContext = object

type NativeClass = new (options: object) => NativeSocket

export type NativeClassName =
  | 'Push'
  | 'Pull'
  | 'XPublisher'
  | 'Subscriber'
  | 'XSubscriber'
  | 'Dealer'
  | 'Router'
  | 'Pair'

export type NativeModule = Readonly<Record<NativeClassName, NativeClass>> & {
  readonly context: NativeContext
  readonly Context: new (options: object) => NativeContext
}

/** Throws `UnsupportedError` that says what to install. */
export function loadNative(load: (name: string) => unknown = createRequire(import.meta.url)): NativeModule {
  try {
    return load('zeromq') as NativeModule
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    throw new UnsupportedError(
      missing
        ? 'the libzmq engine needs the package "zeromq": run `npm install zeromq@6`'
        : 'the package "zeromq" is installed, but its native part does not load here; `cause` says why',
      { cause },
    )
  }
}

/** The errno word of a zeromq.js error. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}
