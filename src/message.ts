/** What travels: whole messages of one or more byte frames. "More" flags exist nowhere but in wire/. */

/** One part of a message. A `Buffer` in practice. */
export type Frame = Uint8Array

/** A whole message. One part is bare, which is the fast path; several parts are an array of at least one. */
export type Message = Frame | readonly Frame[]

/** Node's own Buffer class, without the checks of `subarray`: half the time for a 16-byte view. */
export const View = (Buffer as unknown as { [Symbol.species]: unknown })[Symbol.species] as new (
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
) => Buffer

/** A part of no bytes: the delimiter of an envelope (RFC 28). */
export const EMPTY_FRAME: Frame = Buffer.alloc(0)

/**
 * Whether a message has one part, and is that part. Not `instanceof Uint8Array`, which climbs the prototypes of a Buffer:
 * half a dozen of those were 7 % of what a message within the process costs.
 */
export function isSingle(message: Message): message is Frame {
  return !Array.isArray(message)
}

/** Whether a value that an application gives is a message. */
export function isMessage(value: unknown): value is Message {
  return value instanceof Uint8Array || (Array.isArray(value) && value.length > 0 && value.every(isFrame))
}

function isFrame(value: unknown): value is Frame {
  return value instanceof Uint8Array
}

/** A topic, or the name of a peer, in the messages that begin with one. */
export function firstPart(message: Message): Frame {
  return isSingle(message) ? message : message[0]!
}

/** The parts of a message, in order. */
export function partsOf(message: Message): readonly Frame[] {
  return isSingle(message) ? [message] : message
}

export function partCountOf(message: Message): number {
  return isSingle(message) ? 1 : message.length
}

/** The message of these parts; a single part becomes bare. */
export function messageOf(parts: readonly Frame[]): Message {
  return parts.length === 1 ? parts[0]! : parts
}

/** Bytes of all parts, without framing. */
export function byteLengthOf(message: Message): number {
  if (isSingle(message)) return message.length
  let length = 0
  for (let index = 0; index < message.length; index++) length += message[index]!.length
  return length
}

/** A message costs about 100 bytes besides its own: a block is wasted on messages that with these make up less than a fourth of it. */
export function isWasted(block: ArrayBufferLike, messages: number, bytes: number): boolean {
  return block.byteLength > 4 * (bytes + 100 * messages)
}

/** The same message in memory that holds nothing else: one block for all its parts, as a block costs about 100 bytes of its own. */
export function inOwnMemory(message: Message): Message {
  // Not `Buffer.from`: small ones would share a block again.
  const own = Buffer.allocUnsafeSlow(byteLengthOf(message))
  if (isSingle(message)) {
    own.set(message)
    return own
  }
  let offset = 0
  return message.map(part => {
    own.set(part, offset)
    offset += part.length
    return new View(own.buffer, offset - part.length, part.length)
  })
}
