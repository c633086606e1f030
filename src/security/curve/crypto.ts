/**
 * The crypto library of this process: libsodium's wasm build, with `sodium-native` for the traffic where the user has installed
 * it. Loaded at the first use of CURVE only.
 */
import { UnsupportedError } from '../../errors.ts'
import { loadNative } from './native.ts'
import { type Crypto, type SecretBox, works } from './secret-box.ts'
import { loadSodium } from './sodium.ts'

let loaded: Promise<Crypto> | undefined

/** Loads once. Rejects with `UnsupportedError` when no library runs here. */
export function loadCrypto(): Promise<Crypto> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Crypto> {
  const sodium = await loadSodium()
  if (!works(sodium))
    throw new UnsupportedError('the installed libsodium does not compute what NaCl computes')
  const native = await loadNative()
  return native !== undefined && works(native) ? combine(native, sodium) : sodium
}

/** `sodium-native` has no crypto_box_beforenm; its boxes are the ones that count. */
export function combine(traffic: SecretBox, handshake: Crypto): Crypto {
  return {
    name: traffic.name,
    seal: (box, nonce, key) => traffic.seal(box, nonce, key),
    open: (box, nonce, key) => traffic.open(box, nonce, key),
    publicKey: secretKey => handshake.publicKey(secretKey),
    sharedKey: (publicKey, secretKey) => handshake.sharedKey(publicKey, secretKey),
  }
}
