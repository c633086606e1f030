/** Command bodies (RFC 37, "Commands"): one byte of name length, the name, data. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'

export interface Command {
  readonly name: string
  readonly data: Frame
}

/** RFC 37, "Heartbeating": longer contexts are not echoed. */
export const MAX_PING_CONTEXT = 16

export function encodeCommand(name: string, ...data: readonly Frame[]): Frame {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), ...data])
}

/** Throws `ProtocolError` when the name does not fit. */
export function decodeCommand(body: Frame): Command {
  const length = body[0]
  if (length === undefined || length === 0 || length >= body.length) {
    throw new ProtocolError(`a command of ${body.length} bytes has no name`)
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  return { name: bytes.toString('latin1', 1, 1 + length), data: bytes.subarray(1 + length) }
}

/** ERROR: a reason of at most 255 bytes; for a refusal the reason is RFC 27's status code. */
export function encodeError(reason: string): Frame {
  const bytes = Buffer.from(reason).subarray(0, 255)
  return encodeCommand('ERROR', Buffer.from([bytes.length]), bytes)
}

/** The reason of an ERROR command, made harmless for logs. */
export function decodeError(data: Frame): string {
  const length = data[0] ?? 0
  const text = Buffer.from(data.subarray(1, 1 + length)).toString('latin1')
  return text.replace(/[^\x20-\x7e]/g, '?')
}

/** PING: the time after which the peer may give us up, in tenths of a second (0: it decides), and a context to be echoed. */
export function encodePing(context: Frame): Frame {
  return encodeCommand('PING', Buffer.from([0, 0]), context)
}

/** The context of a PING's data. */
export function decodePing(data: Frame): Frame {
  if (data.length < 2) throw new ProtocolError(`a PING of ${data.length} bytes has no TTL`)
  if (data.length > 2 + MAX_PING_CONTEXT) {
    throw new ProtocolError(
      `the context of a PING has ${data.length - 2} bytes; ${MAX_PING_CONTEXT} are allowed`,
    )
  }
  return data.subarray(2)
}
