/** Envelopes of RFC 28: addresses in front of a message, ended by an empty part. */
import { EMPTY_FRAME, type Frame, isSingle, type Message } from '../message.ts'

/** Where the first empty part stands, from `start` on; -1 when there is none. */
export function delimiterIn(parts: readonly Frame[], start = 0): number {
  for (let index = start; index < parts.length; index++) if (parts[index]!.length === 0) return index
  return -1
}

/** The message of the parts from `start` on; of none it is one empty part. */
export function bodyFrom(parts: readonly Frame[], start: number): Message {
  if (start >= parts.length) return EMPTY_FRAME
  return start === parts.length - 1 ? parts[start]! : parts.slice(start)
}

/** A message with parts in front. */
export function prepend(head: readonly Frame[], body: Message): readonly Frame[] {
  return isSingle(body) ? [...head, body] : [...head, ...body]
}
