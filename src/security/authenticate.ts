/** The one question about a peer: may it come in? The job of ZAP (RFC 27), as a callback. */
import { reasonOf } from '../reason.ts'
import type { SocketType } from '../socket-type.ts'
import type { MechanismName, Metadata, Verdict } from './mechanism.ts'

/** What is known of a peer that asks to be let in. */
export interface AuthenticationRequest {
  readonly mechanism: MechanismName
  /** The peer's endpoint: `tcp://10.0.0.7:53412`. */
  readonly address: string
  /** Undefined where the engine is not told. */
  readonly socketType: SocketType | undefined
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

/**
 * Asked once a connection, by the side that accepted it (NULL) or that is the server (PLAIN, CURVE); the other side chose its peer.
 * Throwing, or taking longer than the handshake may, refuses.
 */
export type Authenticate = (
  request: AuthenticationRequest,
) => AuthenticationAnswer | Promise<AuthenticationAnswer>

/**
 * Asks, and makes a verdict of whatever comes back; at once where the answer is at once. Anything but a clear yes is a no: it never
 * throws or rejects. Without a callback NULL and CURVE let everybody in, and PLAIN nobody, for nobody else could check the password.
 */
export function ask(
  authenticate: Authenticate | undefined,
  request: AuthenticationRequest,
): Verdict | Promise<Verdict> {
  if (authenticate === undefined) {
    if (request.mechanism !== 'PLAIN') return { status: 200 }
    return { status: 500, reason: 'plainServer() needs the option authenticate' }
  }
  try {
    const answer = authenticate(request)
    return isPromise(answer) ? settle(answer, request.signal) : verdictOf(answer)
  } catch (error) {
    return failure(error)
  }
}

async function settle(answer: PromiseLike<AuthenticationAnswer>, signal: AbortSignal): Promise<Verdict> {
  let giveUp = (): void => {}
  const tooLate = new Promise<Verdict>(resolve => {
    giveUp = () => resolve({ status: 500, reason: 'authenticate took longer than the handshake may' })
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([tooLate, Promise.resolve(answer).then(verdictOf)])
  } catch (error) {
    return failure(error)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function verdictOf(answer: unknown): Verdict {
  if (answer === true) return { status: 200 }
  if (answer === false) return { status: 400, reason: 'refused' }
  const { accept, userId, reason, temporary } = (answer ?? {}) as Record<string, unknown>
  if (accept === true && userId === undefined) return { status: 200 }
  if (accept === true && typeof userId === 'string') return { status: 200, userId }
  if (accept === false) {
    return { status: temporary === true ? 300 : 400, reason: typeof reason === 'string' ? reason : 'refused' }
  }
  return { status: 500, reason: 'authenticate gave no answer that is known' }
}

function isPromise(answer: unknown): answer is PromiseLike<AuthenticationAnswer> {
  return typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

function failure(error: unknown): Verdict {
  return {
    status: 500,
    reason: `authenticate threw: ${reasonOf(error)}`,
  }
}
