/** How a handler's error travels: an empty part, then `{ name, message, code }` in the codec, or in JSON when the codec has no objects. */
import type { Codec } from '../codec/codec.ts'
import { json } from '../codec/json.ts'
import { InvalidMessageError, RemoteError } from '../errors.ts'
import { EMPTY_FRAME, type Frame, isSingle, type Message, partsOf } from '../message.ts'
import { reasonOf } from '../reason.ts'

/** The answer that says so. */
export function encodeFailure(error: unknown, codec: Codec<any>): readonly Frame[] {
  const told = { ...detailsOf(error), message: reasonOf(error) }
  try {
    return [EMPTY_FRAME, ...partsOf(codec.encode(told))]
  } catch {
    return [EMPTY_FRAME, ...partsOf(json.encode(told))]
  }
}

/** Name and code of an error; what cannot be read is left out. */
function detailsOf(error: unknown): { readonly name: string; readonly code?: string | number } {
  try {
    if (!(error instanceof Error)) return { name: 'Error' }
    const { name, code } = error as Error & { readonly code?: unknown }
    return typeof code === 'string' || typeof code === 'number'
      ? { name: String(name), code }
      : { name: String(name) }
  } catch {
    return { name: 'Error' }
  }
}

/** An answer of one empty part is an ordinary one. */
export function isFailure(answer: Message): answer is readonly Frame[] {
  return !isSingle(answer) && answer.length > 1 && answer[0]!.length === 0
}

/** The error to reject with; an `InvalidMessageError` when it cannot be read. */
export function decodeFailure(answer: readonly Frame[], codec: Codec<any>): Error {
  for (const way of [codec, json]) {
    try {
      const told = way.decode(answer[1]!)
      if (typeof told?.name === 'string' && typeof told.message === 'string') return new RemoteError(told)
    } catch {}
  }
  return new InvalidMessageError('the answer is an error that neither its codec nor JSON can read')
}
