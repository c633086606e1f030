/** libsodium's wasm build, called without its wrappers: one scratch area in its memory, no allocation and two copies a box. */
import { randomBytes } from 'node:crypto'
import { MessageSizeError, UnsupportedError } from '../../errors.ts'
import { KEY_SIZE } from './keys.ts'
import { NONCE_SIZE } from './nonce.ts'
import { type Crypto, MAC_SIZE } from './secret-box.ts'

/** The part of the module that is used. Pointers are offsets into `HEAPU8`, which is another array after the memory has grown. */
interface SodiumModule {
  readonly HEAPU8: Uint8Array
  _malloc(size: number): number
  _free(pointer: number): void
  _sodium_init(): number
  _crypto_scalarmult_base(publicKey: number, secretKey: number): number
  _crypto_box_beforenm(shared: number, publicKey: number, secretKey: number): number
  _crypto_secretbox_detached(
    cipher: number,
    mac: number,
    plain: number,
    lengthLow: number,
    lengthHigh: number,
    nonce: number,
    key: number,
  ): number
  _crypto_secretbox_open_detached(
    plain: number,
    cipher: number,
    mac: number,
    lengthLow: number,
    lengthHigh: number,
    nonce: number,
    key: number,
  ): number
}

/** The ES module exports a function that makes one; the CommonJS one, which a CommonJS build gets, is one already. */
export type SodiumExport =
  | ((settings: { getRandomValue: () => number }) => Promise<SodiumModule>)
  | (SodiumModule & { readonly ready: Promise<void> })

/** Rejects with `UnsupportedError` when wasm does not run here. */
export async function loadSodium(): Promise<Crypto> {
  try {
    // @ts-expect-error: the package has no types
    const { default: exported } = (await import('libsodium')) as { default: SodiumExport }
    return await openSodium(exported)
  } catch (cause) {
    throw new UnsupportedError('CURVE needs the package libsodium and WebAssembly, and one does not load', {
      cause,
    })
  }
}

export async function openSodium(exported: SodiumExport): Promise<Crypto> {
  let module: SodiumModule
  if (typeof exported === 'function') {
    module = await exported({ getRandomValue: () => randomBytes(4).readUInt32LE() })
  } else {
    await exported.ready
    module = exported
  }
  if (module._sodium_init() < 0) throw new Error('sodium_init failed')
  return new Sodium(module)
}

/** Holds a message of 64 KiB, the size of one socket read; grows for larger ones and stays. */
const FIRST_CAPACITY = 64 * 1024 + MAC_SIZE + 1

class Sodium implements Crypto {
  readonly name = 'libsodium'
  readonly #module: SodiumModule
  readonly #nonce: number
  /** Room for three keys side by side; the first is the one of boxes. */
  readonly #key: number
  #capacity = FIRST_CAPACITY
  #box: number

  constructor(module: SodiumModule) {
    this.#module = module
    this.#nonce = module._malloc(NONCE_SIZE)
    this.#key = module._malloc(3 * KEY_SIZE)
    this.#box = module._malloc(this.#capacity)
  }

  seal(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): void {
    const heap = this.#load(box, nonce, key)
    const at = this.#box
    const text = at + MAC_SIZE
    this.#module._crypto_secretbox_detached(text, at, text, box.length - MAC_SIZE, 0, this.#nonce, this.#key)
    box.set(heap.subarray(at, at + box.length))
  }

  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined {
    const length = box.length - MAC_SIZE
    if (length < 0) return undefined
    const heap = this.#load(box, nonce, key)
    const at = this.#box
    const text = at + MAC_SIZE
    const code = this.#module._crypto_secretbox_open_detached(
      text,
      text,
      at,
      length,
      0,
      this.#nonce,
      this.#key,
    )
    if (code !== 0) return undefined
    const plain = Buffer.allocUnsafe(length)
    plain.set(heap.subarray(text, text + length))
    return plain
  }

  publicKey(secretKey: Uint8Array): Buffer {
    const heap = this.#module.HEAPU8
    const secret = this.#key + KEY_SIZE
    heap.set(secretKey, secret)
    this.#module._crypto_scalarmult_base(this.#key, secret)
    heap.fill(0, secret, secret + KEY_SIZE)
    return Buffer.from(heap.subarray(this.#key, secret))
  }

  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Buffer | undefined {
    const heap = this.#module.HEAPU8
    const theirs = this.#key + KEY_SIZE
    const ours = theirs + KEY_SIZE
    heap.set(publicKey, theirs)
    heap.set(secretKey, ours)
    const code = this.#module._crypto_box_beforenm(this.#key, theirs, ours)
    const shared = Buffer.from(heap.subarray(this.#key, theirs))
    heap.fill(0, this.#key, ours + KEY_SIZE)
    return code === 0 ? shared : undefined
  }

  #load(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
    if (box.length > this.#capacity) this.#grow(box.length)
    const heap = this.#module.HEAPU8
    heap.set(nonce, this.#nonce)
    heap.set(key, this.#key)
    heap.set(box, this.#box)
    return heap
  }

  #grow(length: number): void {
    const capacity = Math.max(length, 2 * this.#capacity)
    const box = this.#module._malloc(capacity)
    if (box === 0) throw new MessageSizeError(`libsodium has no memory for a message of ${length} bytes`)
    this.#module._free(this.#box)
    this.#box = box
    this.#capacity = capacity
  }
}
