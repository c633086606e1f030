/** The one question about a peer: may it come in? The job of ZAP (RFC 27), as a callback. */
import type { SocketType } from '../socket-type.ts'
import type { MechanismName, Metadata } from './mechanism.ts'

/** What is known of a peer that asks to be let in. */
export interface AuthenticationRequest {
  readonly mechanism: MechanismName
  /** The peer's endpoint: `tcp://10.0.0.7:53412`. */
  readonly address: string
  readonly socketType: SocketType
  /** PLAIN. */
  readonly username?: string
  readonly password?: string
  /** CURVE: the client's long-term public key, 32 bytes. */
  readonly publicKey?: Uint8Array
  readonly metadata: Metadata
  /** Aborted when the peer has gone or the handshake's time is over. */
  readonly signal: AbortSignal
}

/** Accept, with a user id that then stands on the peer, or refuse with a reason. */
export type AuthenticationAnswer =
  | boolean
  | { readonly accept: true; readonly userId?: string }
  /** `temporary`: the peer may try again soon (RFC 27 status 300); otherwise 400. */
  | { readonly accept: false; readonly reason?: string; readonly temporary?: boolean }

/** Asked once a connection. Throwing, or taking longer than the handshake may, refuses. */
export type Authenticate = (
  request: AuthenticationRequest,
) => AuthenticationAnswer | Promise<AuthenticationAnswer>
