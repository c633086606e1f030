/** Keys and boxes of the CURVE handshake: each box in a buffer of its own, each failure an error that names the box. */
import { randomBytes } from 'node:crypto'
import { SecurityError } from '../../errors.ts'
import { KEY_SIZE, type KeyPair } from './keys.ts'
import { type Crypto, MAC_SIZE } from './secret-box.ts'

/** A key pair of one connection (C' and c', S' and s'). */
export function transientPair(crypto: Crypto): KeyPair {
  const secretKey = randomBytes(KEY_SIZE)
  return { publicKey: crypto.publicKey(secretKey), secretKey }
}

/** X25519 ignores this bit of a public key's last byte: with it set, one key would have two names. */
const IGNORED_BIT = 0x80

/** Throws `SecurityError` for a public key of small order, with which everybody could open the box, and for a second name of one. */
export function sharedKey(
  crypto: Crypto,
  whose: string,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): Buffer {
  const key = publicKey[31]! & IGNORED_BIT ? undefined : crypto.sharedKey(publicKey, secretKey)
  if (key === undefined) throw new SecurityError(`${whose} is not a safe public key`)
  return key
}

/** Authenticator and ciphertext. */
export function sealBox(crypto: Crypto, plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer {
  const box = Buffer.concat([Buffer.alloc(MAC_SIZE), plain])
  crypto.seal(box, nonce, key)
  return box
}

/** Throws `SecurityError`, which names what did not open. */
export function openBox(
  crypto: Crypto,
  what: string,
  box: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): Buffer {
  const plain = crypto.open(box, nonce, key)
  if (plain === undefined)
    throw new SecurityError(`${what} does not open: another key, or changed on its way`)
  return plain
}
