/** Nonces of CURVE (RFC 26): short ones count a connection's commands, long ones are random. */
import { randomBytes } from 'node:crypto'

export const NONCE_SIZE = 24
export const SHORT_NONCE_SIZE = 8
export const LONG_NONCE_SIZE = 16

/**
 * The counter of what we send, from 1. One for handshake and traffic together: a number is never used twice.
 * Exact up to 2^53 commands, which at a million a second is 285 years.
 */
export class OutgoingNonces {
  #count = 0

  /** Writes the next number, eight bytes. */
  write(target: Uint8Array, offset: number): void {
    const count = ++this.#count
    writeUint32(target, offset, Math.floor(count / 2 ** 32))
    writeUint32(target, offset + 4, count)
  }
}

/** The check of what the peer sends: every number is greater than the last, which is what stops replays. */
export class IncomingNonces {
  #high = -1
  #low = 0

  /** Whether the eight bytes may follow; if so, they are the last from now on. */
  accept(source: Uint8Array, offset: number): boolean {
    const high = readUint32(source, offset)
    const low = readUint32(source, offset + 4)
    if (high < this.#high || (high === this.#high && low <= this.#low)) return false
    this.#high = high
    this.#low = low
    return true
  }
}

/** The whole nonce: a prefix of the RFC and the bytes that travel. */
export function wholeNonce(prefix: string, rest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(prefix, 'latin1'), rest], NONCE_SIZE)
}

export function randomLongNonce(): Buffer {
  return randomBytes(LONG_NONCE_SIZE)
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
}

function readUint32(source: Uint8Array, offset: number): number {
  return (
    source[offset]! * 2 ** 24 +
    ((source[offset + 1]! << 16) | (source[offset + 2]! << 8) | source[offset + 3]!)
  )
}
