/** Every error of the library: one table of codes, and a class where somebody catches it. */
import type { Message } from './message.ts'

/** What each code means; mirrored in the README's error table. */
export const ERROR_CODES = {
  CLOSED: 'the socket was closed, before or during the call',
  TIMEOUT: 'the time given to the call has passed',
  ADDRESS: 'an endpoint that does not parse, cannot be bound or cannot be resolved',
  ADDRESS_IN_USE: 'another socket is bound to the endpoint',
  UNROUTABLE: 'no peer has the routing id the message is for, or it cannot take the message now',
  STATE: 'the call does not fit what the socket is doing',
  PROTOCOL: 'a peer broke ZMTP',
  SECURITY: 'a peer was refused, or refused us',
  INVALID_MESSAGE: 'a value that the schema refuses, or that the codec cannot encode or decode',
  MESSAGE_SIZE: 'a message over the limit',
  OPTION: 'an option that is unknown or has an impossible value',
  REMOTE: 'the handler at the other end threw',
  PEER_LOST: 'the peer that was asked has gone before it answered',
  UNSUPPORTED: 'this engine, runtime or installation cannot do it',
  DISCOVERY: 'peers cannot be announced or found for now; trying goes on',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface TypedMqErrorOptions {
  readonly cause?: unknown
}

/** The base of every error the library throws. `code` says which kind; `cause` holds the original error, if any. */
export class TypedMqError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: TypedMqErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}

/** The socket was closed. */
export class ClosedError extends TypedMqError {
  constructor(message = 'the socket is closed', options?: TypedMqErrorOptions) {
    super('CLOSED', message, options)
  }
}

/** The call's `timeout` has passed. What it waited for did not happen; nothing was sent or eaten. */
export class TimeoutError extends TypedMqError {
  constructor(message: string, options?: TypedMqErrorOptions) {
    super('TIMEOUT', message, options)
  }
}

/** An endpoint that does not parse, cannot be bound, or is not bound or connected. */
export class AddressError extends TypedMqError {
  readonly endpoint: string

  constructor(
    endpoint: string,
    message: string,
    code: 'ADDRESS' | 'ADDRESS_IN_USE' = 'ADDRESS',
    options?: TypedMqErrorOptions,
  ) {
    super(code, message, options)
    this.endpoint = endpoint
  }
}

/** The message has nowhere to go; it is in `undelivered`, untouched, as the engine had it (for Router: routing id first). */
export class UnroutableError extends TypedMqError {
  readonly undelivered: Message

  constructor(message: string, undelivered: Message, options?: TypedMqErrorOptions) {
    super('UNROUTABLE', message, options)
    this.undelivered = undelivered
  }
}

/** The call does not fit the socket's state, such as a second iteration or a bind of the same endpoint. */
export class StateError extends TypedMqError {
  constructor(message: string, options?: TypedMqErrorOptions) {
    super('STATE', message, options)
  }
}

/** A peer broke the protocol. Its connection was closed; nothing else was disturbed. */
export class ProtocolError extends TypedMqError {
  /** True when dialling again cannot help: the peer said ERROR, or the pair of socket types is illegal. */
  readonly fatal: boolean

  constructor(message: string, options?: TypedMqErrorOptions & { fatal?: boolean }) {
    super('PROTOCOL', message, options)
    this.fatal = options?.fatal ?? false
  }
}

/** A peer was refused, or refused us, by mechanism, key, password or policy. */
export class SecurityError extends TypedMqError {
  /** RFC 27's status code when the refusal has one: 300 may pass, 400 will not, 500 is the server's own failure. */
  readonly status: 300 | 400 | 500 | undefined

  constructor(message: string, options?: TypedMqErrorOptions & { status?: 300 | 400 | 500 }) {
    super('SECURITY', message, options)
    this.status = options?.status
  }
}

/** One finding of a schema, as Standard Schema reports it. */
export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A value the schema refuses (`issues` says why), or that the codec cannot encode or decode (`cause` says why). */
export class InvalidMessageError extends TypedMqError {
  readonly issues: readonly Issue[]

  constructor(message: string, issues: readonly Issue[] = [], options?: TypedMqErrorOptions) {
    super('INVALID_MESSAGE', message, options)
    this.issues = issues
  }
}

/** A message over `maxMessageSize` or `maxParts`. */
export class MessageSizeError extends TypedMqError {
  constructor(message: string, options?: TypedMqErrorOptions) {
    super('MESSAGE_SIZE', message, options)
  }
}

/** An option that is unknown or has an impossible value. */
export class OptionError extends TypedMqError {
  readonly option: string

  constructor(option: string, message: string, options?: TypedMqErrorOptions) {
    super('OPTION', message, options)
    this.option = option
  }
}

/** The handler of `Reply.serve` threw; name, message and code are the original's. */
export class RemoteError extends TypedMqError {
  readonly remoteName: string
  readonly remoteCode: string | number | undefined

  constructor(remote: { name: string; message: string; code?: string | number | undefined }) {
    super('REMOTE', remote.message)
    this.remoteName = remote.name
    this.remoteCode = remote.code
  }
}

/** The peer that was asked has gone before it answered. Whether it did the work is unknown. */
export class PeerLostError extends TypedMqError {
  constructor(message: string, options?: TypedMqErrorOptions) {
    super('PEER_LOST', message, options)
  }
}

/** This engine, runtime or installation cannot do what was asked. The message says what would be needed. */
export class UnsupportedError extends TypedMqError {
  constructor(message: string, options?: TypedMqErrorOptions) {
    super('UNSUPPORTED', message, options)
  }
}

/** Peers cannot be announced or found for now, for the `reason`; trying goes on. An `error` event, never thrown. */
export class DiscoveryError extends TypedMqError {
  /** No interface can send; the mDNS port is taken; the DNS server fails; an answer is nonsense; a provider threw. */
  readonly reason: 'no-interface' | 'port-taken' | 'dns-failed' | 'bad-answer' | 'provider'

  constructor(reason: DiscoveryError['reason'], message: string, options?: TypedMqErrorOptions) {
    super('DISCOVERY', message, options)
    this.reason = reason
  }
}
