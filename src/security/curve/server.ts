/**
 * The server's side of a CURVE handshake (RFC 26). Between WELCOME and INITIATE it keeps nothing of the client but the key of
 * the cookie that carries all else, and the nonce that INITIATE must exceed.
 */
import { timingSafeEqual } from 'node:crypto'
import { ProtocolError, SecurityError } from '../../errors.ts'
import type { Frame } from '../../message.ts'
import { decodeCommand, encodeCommand } from '../../wire/command.ts'
import { decodeMetadata, encodeMetadata } from '../../wire/metadata.ts'
import type { Cipher, Credentials, Mechanism, Metadata, Verdict } from '../mechanism.ts'
import { encodeRefusal } from '../refusal.ts'
import { openBox, sealBox, sharedKey, transientPair } from './boxes.ts'
import { CurveCipher } from './cipher.ts'
import { Cookie } from './cookie.ts'
import { KEY_SIZE, type KeyPair } from './keys.ts'
import {
  IncomingNonces,
  LONG_NONCE_SIZE,
  OutgoingNonces,
  randomLongNonce,
  SHORT_NONCE_SIZE,
  wholeNonce,
} from './nonce.ts'
import { type Crypto, MAC_SIZE } from './secret-box.ts'
import { COOKIE_SIZE, HELLO_PADDING, HELLO_VERSION } from './sizes.ts'

export interface CurveServerSettings {
  readonly crypto: Crypto
  readonly keys: KeyPair
  readonly metadata: Metadata
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** What the client owes us: HELLO, then INITIATE, then nothing more. */
type Expecting = 'HELLO' | 'INITIATE' | 'nothing'

const HELLO_KEY_AT = HELLO_VERSION.length + HELLO_PADDING.length
const HELLO_NONCE_AT = HELLO_KEY_AT + KEY_SIZE
const HELLO_BOX_AT = HELLO_NONCE_AT + SHORT_NONCE_SIZE
const HELLO_SIZE = HELLO_BOX_AT + MAC_SIZE + 64

const INITIATE_BOX_AT = COOKIE_SIZE + SHORT_NONCE_SIZE
/** C, and the vouch's nonce and box. */
const VOUCH_AT = KEY_SIZE
const VOUCH_BOX_AT = VOUCH_AT + LONG_NONCE_SIZE
const METADATA_AT = VOUCH_BOX_AT + MAC_SIZE + 2 * KEY_SIZE
const INITIATE_SIZE = INITIATE_BOX_AT + MAC_SIZE + METADATA_AT

export class CurveServer implements Mechanism {
  readonly name = 'CURVE'
  readonly asServer = true
  readonly #settings: CurveServerSettings
  readonly #outgoing = new OutgoingNonces()
  readonly #incoming = new IncomingNonces()
  #expecting: Expecting = 'HELLO'
  #cookie: Cookie | undefined
  #key: Buffer | undefined
  #pending: Credentials | undefined
  #peer: Metadata | undefined
  #cipher: Cipher | undefined

  constructor(settings: CurveServerSettings) {
    this.#settings = settings
  }

  get pending(): Credentials | undefined {
    return this.#pending
  }

  get peer(): Metadata | undefined {
    return this.#peer
  }

  get cipher(): Cipher | undefined {
    return this.#cipher
  }

  start(): readonly Frame[] {
    return []
  }

  receive(command: Frame): readonly Frame[] {
    const { name, data } = decodeCommand(command)
    if (name !== this.#expecting)
      throw new ProtocolError(`${name} from a CURVE client that owes ${this.#expecting}`)
    return name === 'HELLO' ? this.#hello(data) : this.#initiate(data)
  }

  decide(verdict: Verdict): readonly Frame[] {
    const pending = this.#pending
    this.#pending = undefined
    if (verdict.status !== 200) return encodeRefusal(verdict)
    if (pending === undefined) throw new SecurityError('a CURVE client was accepted that did not ask')
    this.#peer = pending.metadata
    return [this.#ready()]
  }

  #hello(data: Frame): readonly Frame[] {
    if (data.length !== HELLO_SIZE) throw new ProtocolError(`a CURVE HELLO with ${data.length} bytes of data`)
    const fixed = Buffer.concat([HELLO_VERSION, HELLO_PADDING])
    if (!fixed.equals(data.subarray(0, HELLO_KEY_AT)))
      throw new ProtocolError('a CURVE HELLO of no version that is known')
    const { crypto, keys } = this.#settings
    const clientTransient = data.subarray(HELLO_KEY_AT, HELLO_NONCE_AT)
    const key = sharedKey(crypto, "the client's transient key", clientTransient, keys.secretKey)
    const nonce = wholeNonce('CurveZMQHELLO---', data.subarray(HELLO_NONCE_AT, HELLO_BOX_AT))
    const proof = openBox(crypto, 'the HELLO', data.subarray(HELLO_BOX_AT), nonce, key)
    if (!proof.equals(Buffer.alloc(64)))
      throw new ProtocolError('a CURVE HELLO whose box is not 64 zero bytes')
    this.#incoming.accept(data, HELLO_NONCE_AT)
    this.#expecting = 'INITIATE'
    return [this.#welcome(clientTransient, key)]
  }

  #welcome(clientTransient: Frame, key: Buffer): Frame {
    const { crypto, now } = this.#settings
    const transient = transientPair(crypto)
    this.#cookie = new Cookie(crypto, now)
    const cookie = this.#cookie.seal(clientTransient, transient.secretKey)
    transient.secretKey.fill(0)
    const nonce = randomLongNonce()
    const plain = Buffer.concat([transient.publicKey, cookie])
    return encodeCommand('WELCOME', nonce, sealBox(crypto, plain, wholeNonce('WELCOME-', nonce), key))
  }

  #initiate(data: Frame): readonly Frame[] {
    this.#expecting = 'nothing'
    if (data.length < INITIATE_SIZE)
      throw new ProtocolError(`a CURVE INITIATE with ${data.length} bytes of data`)
    if (!this.#incoming.accept(data, COOKIE_SIZE))
      throw new ProtocolError('a CURVE INITIATE with the nonce of HELLO')
    const { crypto } = this.#settings
    const { clientTransient, secretKey } = this.#cookie!.open(data.subarray(0, COOKIE_SIZE))
    this.#cookie = undefined
    this.#key = sharedKey(crypto, "the client's transient key", clientTransient, secretKey)
    const nonce = wholeNonce('CurveZMQINITIATE', data.subarray(COOKIE_SIZE, INITIATE_BOX_AT))
    const plain = openBox(crypto, 'the INITIATE', data.subarray(INITIATE_BOX_AT), nonce, this.#key)
    const publicKey = plain.subarray(0, KEY_SIZE)
    this.#checkVouch(plain.subarray(VOUCH_AT, METADATA_AT), publicKey, clientTransient, secretKey)
    secretKey.fill(0)
    this.#pending = { mechanism: 'CURVE', metadata: decodeMetadata(plain.subarray(METADATA_AT)), publicKey }
    return []
  }

  /** Only the owner of C can have made it, for this C' and this server: nobody can pass on somebody else's INITIATE. */
  #checkVouch(vouch: Buffer, publicKey: Buffer, clientTransient: Buffer, secretKey: Buffer): void {
    const { crypto, keys } = this.#settings
    const nonce = wholeNonce('VOUCH---', vouch.subarray(0, LONG_NONCE_SIZE))
    const key = sharedKey(crypto, "the client's permanent key", publicKey, secretKey)
    const plain = openBox(crypto, 'the vouch', vouch.subarray(LONG_NONCE_SIZE), nonce, key)
    if (!timingSafeEqual(plain, Buffer.concat([clientTransient, keys.publicKey]))) {
      throw new SecurityError('the vouch is for another connection or another server')
    }
  }

  #ready(): Frame {
    const { crypto, metadata } = this.#settings
    const key = this.#key!
    const nonce = Buffer.alloc(SHORT_NONCE_SIZE)
    this.#outgoing.write(nonce, 0)
    const box = sealBox(crypto, encodeMetadata(metadata), wholeNonce('CurveZMQREADY---', nonce), key)
    const [outgoing, incoming] = [this.#outgoing, this.#incoming]
    this.#cipher = new CurveCipher({ crypto, key, side: 'server', outgoing, incoming })
    return encodeCommand('READY', nonce, box)
  }
}
