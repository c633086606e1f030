/** Boxes of the CURVE handshake: a plaintext sealed between two key pairs, or under one key, into a buffer of its own. */
import { SecurityError } from '../../errors.ts'
import { type Crypto, MAC_SIZE } from './secret-box.ts'

/** Throws `SecurityError` for a public key of small order, with which everybody could open the box. */
export function sharedKey(
  crypto: Crypto,
  whose: string,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): Buffer {
  const key = crypto.sharedKey(publicKey, secretKey)
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
