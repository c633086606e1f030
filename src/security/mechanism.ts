/** The contract of a security mechanism: a pure machine, commands in, commands out. The session does the I/O and the waiting. */
import type { Frame } from '../message.ts'

export type MechanismName = 'NULL' | 'PLAIN' | 'CURVE'

/** Properties of READY, INITIATE and the like, by lower-case name. */
export type Metadata = ReadonlyMap<string, Frame>

/** What a peer has shown of itself, for `decide`. */
export interface Credentials {
  readonly mechanism: MechanismName
  readonly metadata: Metadata
  /** PLAIN. */
  readonly username?: string
  readonly password?: string
  /** CURVE: the client's long-term public key, 32 bytes. */
  readonly publicKey?: Frame
}

/** RFC 27: 200 accepts; 300 may pass later, 400 is the peer's fault, 500 is ours. The reason stays on this side. */
export type Verdict =
  | { readonly status: 200; readonly userId?: string }
  | { readonly status: 300 | 400 | 500; readonly reason: string }

/** Seals and opens what travels after the handshake, one frame at a time. Flags are those of ZMTP frames: MORE 1, COMMAND 4. */
export interface Cipher {
  /** Bytes by which a sealed body is longer than what it holds. */
  readonly overhead: number
  /** The body of the frame that carries this one. That frame's own flags are 0, as libzmq's are; flags of the received one mean nothing. */
  seal(flags: number, body: Frame): Frame
  /** Throws `ProtocolError` for a frame that was tampered with, replayed or is too short. */
  open(body: Frame): { readonly flags: number; readonly body: Frame }
}

/**
 * One connection's handshake. Commands are whole command bodies: name length, name, data (RFC 37, "Commands").
 * Every method throws `ProtocolError` or `SecurityError` when the peer breaks the rules or refuses; the session then ends.
 */
export interface Mechanism {
  readonly name: MechanismName
  /** The as-server bit of the greeting. */
  readonly asServer: boolean
  /** What to send right after the greetings. */
  start(): readonly Frame[]
  /** The answer to one command of the peer; may leave `pending` to be decided. */
  receive(command: Frame): readonly Frame[]
  /** Set while the peer waits for `decide`. */
  readonly pending: Credentials | undefined
  /** Accepts or refuses; the commands to send. After a refusal (an ERROR with the status, RFC 27; nothing at all for 300) the session ends. */
  decide(verdict: Verdict): readonly Frame[]
  /** The peer's properties, once the handshake is over. */
  readonly peer: Metadata | undefined
  /** Undefined: traffic in clear, the session skips it. */
  readonly cipher: Cipher | undefined
}

/** What a mechanism must know of its connection. */
export interface MechanismContext {
  /** Whether this end accepted the connection. */
  readonly accepted: boolean
  /** Our own properties, named as they go on the wire: libzmq knows `Socket-Type` and `Identity` only in this spelling. */
  readonly metadata: Metadata
  /** The peer's endpoint, as in `Connection.remote`. */
  readonly address: string
}

/** What a mechanism was made with, for an engine that has its own implementation. Holds secrets: never to be shown. */
export type SecuritySettings =
  | { readonly role: 'plain-server'; readonly allowInClear: boolean }
  | {
      readonly role: 'plain-client'
      readonly allowInClear: boolean
      readonly username: Frame
      readonly password: Frame
    }
  | { readonly role: 'curve-server'; readonly publicKey: Frame; readonly secretKey: Frame }
  | {
      readonly role: 'curve-client'
      readonly publicKey: Frame
      readonly secretKey: Frame
      readonly serverKey: Frame
    }

/** The `security` option: makes one mechanism a connection. */
export interface Security {
  readonly name: MechanismName
  /** A mechanism without it runs on the default engine only. A function, so that printing the object shows no secret. */
  settings?(): SecuritySettings
  /** CURVE: the public key that this side's peers may want to know, in Z85. */
  readonly publicKey?: string
  /** Loads what is slow to load, before the first connection; called once a socket. */
  prepare?(): Promise<void>
  /** Throws `SecurityError` when the mechanism may not be used on this connection. */
  create(context: MechanismContext): Mechanism
}
