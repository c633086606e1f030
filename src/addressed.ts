/** Messages that name a peer (ROUTER, REP), and the envelopes of RFC 28: addresses in front of a body, ended by an empty part. */
import {
  byteLengthOf,
  EMPTY_FRAME,
  type Frame,
  firstPart,
  isSingle,
  type Message,
  messageOf,
  partsOf,
} from './message.ts'

/** A message, and the peer that it comes from or goes to: what ROUTER and REP exchange with their engine. */
export class Addressed {
  /** Its routing id. */
  readonly peer: Frame
  /** As on the wire: `[...envelope, empty, ...body]`, or the body alone. */
  readonly message: Message
  /** Where the empty part stands; -1 where none is looked for. */
  readonly delimiter: number

  constructor(peer: Frame, message: Message, delimiter = -1) {
    this.peer = peer
    this.message = message
    this.delimiter = delimiter
  }

  /** Of a message that begins with the routing id. */
  static from(whole: Message): Addressed {
    return new Addressed(firstPart(whole), messageOf(partsOf(whole).slice(1)))
  }

  /** The same with the routing id in front. */
  get whole(): readonly Frame[] {
    return prepend([this.peer], this.message)
  }

  /** Undefined where there is no delimiter. */
  get envelope(): readonly Frame[] | undefined {
    return this.delimiter === -1 ? undefined : partsOf(this.message).slice(0, this.delimiter)
  }

  /** What follows the delimiter; without one, the whole message. */
  get body(): Message {
    return bodyFrom(this.message, this.delimiter + 1)
  }

  /** Bytes of all parts and of the routing id. */
  get byteLength(): number {
    return this.peer.length + byteLengthOf(this.message)
  }
}

/** Where the first empty part stands; -1 when there is none. */
export function delimiterIn(message: Message): number {
  if (isSingle(message)) return message.length === 0 ? 0 : -1
  for (let index = 0; index < message.length; index++) if (message[index]!.length === 0) return index
  return -1
}

/** The message of the parts from `start` on; of none it is one empty part. */
export function bodyFrom(message: Message, start: number): Message {
  if (start === 0) return message
  const parts = partsOf(message)
  if (start >= parts.length) return EMPTY_FRAME
  return start === parts.length - 1 ? parts[start]! : parts.slice(start)
}

/** A message with parts in front. */
export function prepend(head: readonly Frame[], body: Message): readonly Frame[] {
  return isSingle(body) ? [...head, body] : [...head, ...body]
}

/** A body behind its envelope and the delimiter. */
export function enveloped(envelope: readonly Frame[], body: Message): readonly Frame[] {
  return prepend([...envelope, EMPTY_FRAME], body)
}
