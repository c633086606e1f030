/** Long-term keys of CURVE: made, read and checked. Messages here never quote a key. */
import { crypto } from '../../builtin.ts'
import { OptionError } from '../../errors.ts'
import { decodeZ85, encodeZ85 } from './z85.ts'

export const KEY_SIZE = 32

/** 40 characters of Z85, or 32 bytes. */
export type CurveKey = string | Uint8Array

/** Two keys that belong together, as bytes. */
export interface KeyPair {
  readonly publicKey: Buffer
  readonly secretKey: Buffer
}

/** How `node:util` asks an object what to show of it. */
const SHOWN = Symbol.for('nodejs.util.inspect.custom')

/**
 * A long-term key pair in Z85. Printing it, and `JSON.stringify`, show the public key only; to store both, write
 * `JSON.stringify({ ...pair })`: a spread copy is a plain object and shows both.
 */
export class CurveKeyPair {
  readonly publicKey: string
  readonly secretKey: string

  constructor(publicKey: string, secretKey: string) {
    this.publicKey = publicKey
    this.secretKey = secretKey
  }

  toJSON(): { readonly publicKey: string; readonly secretKey: string } {
    return { publicKey: this.publicKey, secretKey: '<hidden>' }
  }

  [SHOWN](): string {
    return `CurveKeyPair { publicKey: '${this.publicKey}', secretKey: <hidden> }`
  }
}

/** ASN.1 around a raw X25519 secret key (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** A new long-term key pair, as zmq_curve_keypair makes it. */
export function curveKeyPair(): CurveKeyPair {
  const secretKey = crypto().randomBytes(KEY_SIZE)
  return new CurveKeyPair(encodeZ85(publicKeyOf(secretKey)), encodeZ85(secretKey))
}

/** The public key that belongs to a secret one, by Node's own crypto: options are checked before any library is loaded. */
export function publicKeyOf(secretKey: Uint8Array): Buffer {
  const key = crypto().createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, secretKey]),
    format: 'der',
    type: 'pkcs8',
  })
  return crypto().createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-KEY_SIZE)
}

/** The 32 bytes of a key that an option gave. Throws `OptionError` that says what would be right. */
export function readKey(option: string, key: unknown): Buffer {
  const bytes = typeof key === 'string' ? readText(option, key) : key
  if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_SIZE) {
    throw new OptionError(option, `${option} is ${describe(key)}; it must be ${WANTED}`)
  }
  return Buffer.from(bytes)
}

/** A long-term pair that options gave; throws `OptionError` also when the two do not belong together. */
export function readKeyPair(options: { publicKey: CurveKey; secretKey: CurveKey }): KeyPair {
  const publicKey = readKey('publicKey', options.publicKey)
  const secretKey = readKey('secretKey', options.secretKey)
  if (!publicKeyOf(secretKey).equals(publicKey)) {
    throw new OptionError(
      'publicKey',
      'publicKey does not belong to secretKey; give both of one curveKeyPair()',
    )
  }
  return { publicKey, secretKey }
}

const WANTED = `40 characters of Z85 or ${KEY_SIZE} bytes`

function readText(option: string, text: string): Buffer | undefined {
  if (text.length !== 40) return undefined
  try {
    return decodeZ85(text)
  } catch (error) {
    throw new OptionError(option, `${option} is not Z85: ${(error as Error).message}`)
  }
}

function describe(key: unknown): string {
  if (typeof key === 'string') return `a text of ${key.length} characters`
  if (key instanceof Uint8Array) return `${key.length} bytes`
  return key === null ? 'null' : typeof key
}
