import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { combine, loadCrypto } from '../../../../src/security/curve/crypto.ts'
import { loadNative } from '../../../../src/security/curve/native.ts'
import { MAC_SIZE, works } from '../../../../src/security/curve/secret-box.ts'
import { loadSodium, openSodium } from '../../../../src/security/curve/sodium.ts'
import { fc } from '../../../support/property.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const sodium = await loadSodium()
const native = await loadNative()
const commonJs = await openSodium(createRequire(import.meta.url)('libsodium'))
const libraries = [sodium, commonJs, combine(native!, sodium)]

/** NaCl's example, "Cryptography in NaCl", sections 8 to 10; the key pairs are those of RFC 7748, section 6.1. */
const ALICE_SECRET = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
const ALICE_PUBLIC = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
const BOB_PUBLIC = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
const SHARED = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
const NONCE = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
const PLAIN = hex(
  'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
)
const BOX = hex(
  'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
)

test('sodium-native is used when it is installed', async () => {
  expect((await loadCrypto()).name).toBe('sodium-native')
  expect(await loadCrypto()).toBe(await loadCrypto())
})

describe.each([
  ['libsodium', sodium],
  ['libsodium as CommonJS', commonJs],
  ['sodium-native', combine(native!, sodium)],
] as const)('%s', (_, crypto) => {
  const seal = (plain: Uint8Array, nonce = NONCE, key = SHARED) => {
    const box = Buffer.concat([Buffer.alloc(MAC_SIZE), plain])
    crypto.seal(box, nonce, key)
    return box
  }

  test('computes the example of NaCl', () => {
    expect(crypto.publicKey(ALICE_SECRET)).toEqual(ALICE_PUBLIC)
    expect(crypto.sharedKey(BOB_PUBLIC, ALICE_SECRET)).toEqual(SHARED)
    expect(seal(PLAIN)).toEqual(BOX)
    expect(crypto.open(BOX, NONCE, SHARED)).toEqual(PLAIN)
    expect(works(crypto)).toBe(true)
  })

  test('opens nothing that was changed, cut or made with another key or nonce', () => {
    for (let at = 0; at < BOX.length; at++) {
      const changed = Buffer.from(BOX)
      changed[at]! ^= 1 << (at % 8)
      expect(crypto.open(changed, NONCE, SHARED)).toBeUndefined()
      expect(crypto.open(BOX.subarray(0, at), NONCE, SHARED)).toBeUndefined()
    }
    expect(crypto.open(BOX, randomBytes(24), SHARED)).toBeUndefined()
    expect(crypto.open(BOX, NONCE, randomBytes(32))).toBeUndefined()
  })

  test('opens what it sealed, and what the other library sealed, at every size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), plain => {
        const box = seal(plain)
        for (const other of libraries) expect(other.open(box, NONCE, SHARED)).toEqual(Buffer.from(plain))
      }),
    )
  })

  test('takes messages that are larger than its first memory', () => {
    for (const size of [64 * 1024 - 1, 64 * 1024 + 1, 1 << 20, 5 << 20]) {
      const plain = Buffer.alloc(size, size % 251)
      expect(crypto.open(seal(plain), NONCE, SHARED)!.equals(plain)).toBe(true)
    }
    expect(seal(PLAIN)).toEqual(BOX)
  })

  test('gives no key for a public key of small order', () => {
    for (const point of [Buffer.alloc(32), Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])]) {
      expect(crypto.sharedKey(point, ALICE_SECRET)).toBeUndefined()
    }
  })
})
