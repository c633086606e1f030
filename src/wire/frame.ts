/** What a frame is made of (RFC 37, "Framing"): one byte of flags, one or eight of length, a body. */
import type { Frame } from '../message.ts'

export { View } from '../message.ts'

export const FLAG_MORE = 1
export const FLAG_LONG = 2
export const FLAG_COMMAND = 4

/** Longest body whose length fits one byte. */
export const SHORT_BODY = 255

/** Flags and a one-byte length. */
export const SHORT_HEADER = 2

/** Flags and an eight-byte length. */
export const MAX_HEADER = 9

/** The bytes of one frame, for what is sent too seldom to need a `FrameWriter`. */
export function encodeFrame(flags: number, body: Frame): Frame {
  const long = body.length > SHORT_BODY
  const frame = Buffer.allocUnsafe((long ? MAX_HEADER : 2) + body.length)
  frame.set(body, writeHeader(frame, 0, flags, body.length))
  return frame
}

/** Writes flags and length at `offset`; answers where the body begins. */
export function writeHeader(target: Uint8Array, offset: number, flags: number, length: number): number {
  if (length <= SHORT_BODY) {
    target[offset] = flags
    target[offset + 1] = length
    return offset + 2
  }
  target[offset] = flags | FLAG_LONG
  const high = Math.floor(length / 2 ** 32)
  target[offset + 1] = 0
  target[offset + 2] = 0
  target[offset + 3] = high >>> 8
  target[offset + 4] = high
  target[offset + 5] = length >>> 24
  target[offset + 6] = length >>> 16
  target[offset + 7] = length >>> 8
  target[offset + 8] = length
  return offset + MAX_HEADER
}
