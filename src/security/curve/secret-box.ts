/** What CURVE needs of a crypto library, and the check that one computes it. */

/** Poly1305's authenticator, in front of every ciphertext. */
export const MAC_SIZE = 16

/** XSalsa20-Poly1305 under one key: every box of RFC 26, once its shared key is known. */
export interface SecretBox {
  readonly name: 'libsodium' | 'sodium-native'
  /** Seals in place: `box` is 16 free bytes and the plaintext, and becomes authenticator and ciphertext. */
  seal(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
  /** The plaintext in a buffer of its own; undefined when the box was not made with this nonce and key. */
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined
}

export interface Crypto extends SecretBox {
  /** crypto_scalarmult_base: the public key that belongs to a secret one. */
  publicKey(secretKey: Uint8Array): Buffer
  /** crypto_box_beforenm: the key of all boxes between two key pairs. Undefined for a public key of small order, which yields none. */
  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Buffer | undefined
}

/** The first four bytes of NaCl's own example (tests/secretbox.c). */
const KNOWN = {
  key: Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex'),
  nonce: Buffer.from('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37', 'hex'),
  plain: Buffer.from('be075fc5', 'hex'),
  box: Buffer.from('7d864cc8b9ab39c40ff06a408e0ef62b8e993b9f', 'hex'),
}

/** Whether it computes what NaCl does: both libraries are called below their stable wrappers, so each is asked once. */
export function works(secretBox: SecretBox): boolean {
  const box = Buffer.concat([Buffer.alloc(MAC_SIZE), KNOWN.plain])
  secretBox.seal(box, KNOWN.nonce, KNOWN.key)
  if (!box.equals(KNOWN.box)) return false
  const opened = secretBox.open(box, KNOWN.nonce, KNOWN.key)
  box[0]! ^= 1
  return opened?.equals(KNOWN.plain) === true && secretBox.open(box, KNOWN.nonce, KNOWN.key) === undefined
}
