/** The cookie (RFC 26): what a server would have to remember of a client, sealed and left with the client. */
import { randomBytes } from 'node:crypto'
import { SecurityError } from '../../errors.ts'
import { openBox, sealBox } from './boxes.ts'
import { KEY_SIZE } from './keys.ts'
import { LONG_NONCE_SIZE, randomLongNonce, wholeNonce } from './nonce.ts'
import type { Crypto } from './secret-box.ts'

/** Milliseconds a cookie is good for (RFC 26: "for example 60 seconds"). */
export const COOKIE_LIFETIME = 60_000

/**
 * Good for one INITIATE on one connection. A key for many connections would let a recorded handshake, and the messages after it,
 * be played again on a new connection for as long as that key lives.
 */
export class Cookie {
  readonly #crypto: Crypto
  readonly #now: () => number
  readonly #key = randomBytes(KEY_SIZE)
  readonly #expires: number

  constructor(crypto: Crypto, now: () => number) {
    this.#crypto = crypto
    this.#now = now
    this.#expires = now() + COOKIE_LIFETIME
  }

  seal(clientTransient: Uint8Array, secretKey: Uint8Array): Buffer {
    const nonce = randomLongNonce()
    const plain = Buffer.concat([clientTransient, secretKey])
    return Buffer.concat([nonce, sealBox(this.#crypto, plain, wholeNonce('COOKIE--', nonce), this.#key)])
  }

  /** Throws `SecurityError` for a cookie that is not ours or too old; works once. */
  open(cookie: Uint8Array): { clientTransient: Buffer; secretKey: Buffer } {
    if (this.#now() > this.#expires) throw new SecurityError('the client took longer than a minute to answer')
    const nonce = wholeNonce('COOKIE--', cookie.subarray(0, LONG_NONCE_SIZE))
    const plain = openBox(this.#crypto, 'the cookie', cookie.subarray(LONG_NONCE_SIZE), nonce, this.#key)
    this.#key.fill(0)
    return { clientTransient: plain.subarray(0, KEY_SIZE), secretKey: plain.subarray(KEY_SIZE) }
  }
}
