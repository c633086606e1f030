/** ERROR in a handshake: how a refusal is told, and how one is read. */
import { SecurityError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { decodeError, encodeError } from '../wire/command.ts'
import type { Verdict } from './mechanism.ts'

/** A verdict against a peer. */
export type Refusal = Exclude<Verdict, { status: 200 }>

/**
 * The commands of a refusal: ERROR with RFC 27's status, which is the only text libzmq understands. For 300 there is none, the
 * connection just ends: after any ERROR libzmq never dials again, and 300 says that it may (zap_client.cpp, "temporary failure").
 */
export function encodeRefusal(verdict: Refusal): readonly Frame[] {
  return verdict.status === 300 ? [] : [encodeError(String(verdict.status))]
}

const MEANING = { 300: 'for now', 400: 'for good', 500: 'because of its own failure' }

/** What an ERROR says, as the error to throw. */
export function refusedBy(data: Frame): SecurityError {
  const reason = decodeError(data)
  const status = Number(reason)
  if (status === 300 || status === 400 || status === 500) {
    return new SecurityError(`the peer refused us ${MEANING[status]}: status ${status}`, { status })
  }
  return new SecurityError(`the peer refused us: "${reason}"`)
}
