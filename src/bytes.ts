/** What is done with bytes and texts outside of transports, codecs and the wire: the one place that a platform without `Buffer` replaces. */
import type { Frame } from './message.ts'

/** The bytes of a text. */
export function utf8(text: string): Frame {
  return Buffer.from(text)
}

/** The bytes as a string, one character a byte: a key for maps. */
export function keyOf(bytes: Frame): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** The bytes of which this is the key. */
export function fromKey(key: string): Frame {
  return Buffer.from(key, 'latin1')
}

/** `0x0a1b`, of long ones the beginning: for error messages. */
export function hex(bytes: Frame): string {
  return `0x${Buffer.from(bytes.subarray(0, 32)).toString('hex')}`
}

/** In memory of their own, which is small. */
export function copyOf(bytes: Frame): Frame {
  return Buffer.from(bytes)
}

export function concat(...parts: readonly Frame[]): Frame {
  return Buffer.concat(parts)
}

export function areEqual(one: Frame, other: Frame): boolean {
  return Buffer.compare(one, other) === 0
}
