/** The optional accelerator: npm's `sodium-native`, used when it is installed and loads. */
import { MAC_SIZE, type SecretBox } from './secret-box.ts'

/** The two functions used; buffers of wrong sizes abort the process, so sizes are computed here only. */
interface SodiumNative {
  crypto_secretbox_detached(
    cipher: Uint8Array,
    mac: Uint8Array,
    plain: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void
  crypto_secretbox_open_easy(plain: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
}

/** Undefined when it is not installed or does not run here; that is no error. */
export async function loadNative(): Promise<SecretBox | undefined> {
  try {
    // A variable, because the package need not be there when types are checked or a bundle is made.
    const name = 'sodium-native'
    const module = (await import(name)) as { default: SodiumNative }
    return new NativeSecretBox(module.default)
  } catch {
    return undefined
  }
}

class NativeSecretBox implements SecretBox {
  readonly name = 'sodium-native'
  readonly #sodium: SodiumNative

  constructor(sodium: SodiumNative) {
    this.#sodium = sodium
  }

  seal(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): void {
    const text = box.subarray(MAC_SIZE)
    this.#sodium.crypto_secretbox_detached(text, box.subarray(0, MAC_SIZE), text, nonce, key)
  }

  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined {
    if (box.length < MAC_SIZE) return undefined
    const plain = Buffer.allocUnsafe(box.length - MAC_SIZE)
    return this.#sodium.crypto_secretbox_open_easy(plain, box, nonce, key) ? plain : undefined
  }
}
