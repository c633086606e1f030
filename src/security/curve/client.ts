/** The client's side of a CURVE handshake (RFC 26): HELLO, then INITIATE with the server's cookie and our vouch. */
import { ProtocolError } from '../../errors.ts'
import type { Frame } from '../../message.ts'
import { decodeCommand, encodeCommand } from '../../wire/command.ts'
import { decodeMetadata, encodeMetadata } from '../../wire/metadata.ts'
import type { Cipher, Mechanism, Metadata } from '../mechanism.ts'
import { refusedBy } from '../refusal.ts'
import { openBox, sealBox, sharedKey, transientPair } from './boxes.ts'
import { CurveCipher } from './cipher.ts'
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

export interface CurveClientSettings {
  readonly crypto: Crypto
  readonly keys: KeyPair
  readonly serverKey: Buffer
  readonly metadata: Metadata
}

/** What the server owes us: WELCOME, then READY, then nothing more. */
type Expecting = 'WELCOME' | 'READY' | 'nothing'

const WELCOME_SIZE = LONG_NONCE_SIZE + MAC_SIZE + KEY_SIZE + COOKIE_SIZE

export class CurveClient implements Mechanism {
  readonly name = 'CURVE'
  readonly asServer = false
  readonly pending = undefined
  readonly #settings: CurveClientSettings
  /** C' and c': of this connection only. */
  readonly #transient: KeyPair
  readonly #outgoing = new OutgoingNonces()
  readonly #incoming = new IncomingNonces()
  #expecting: Expecting = 'WELCOME'
  /** Between C' and S: proves to us that this is the server, and to the server that we know its key. */
  #greetingKey: Buffer | undefined
  /** Between C' and S'. */
  #key: Buffer | undefined
  #peer: Metadata | undefined
  #cipher: Cipher | undefined

  constructor(settings: CurveClientSettings) {
    this.#settings = settings
    this.#transient = transientPair(settings.crypto)
  }

  get peer(): Metadata | undefined {
    return this.#peer
  }

  get cipher(): Cipher | undefined {
    return this.#cipher
  }

  start(): readonly Frame[] {
    const { crypto, serverKey } = this.#settings
    const key = sharedKey(crypto, 'serverKey', serverKey, this.#transient.secretKey)
    this.#greetingKey = key
    const nonce = this.#nextNonce()
    const proof = sealBox(crypto, Buffer.alloc(64), wholeNonce('CurveZMQHELLO---', nonce), key)
    return [encodeCommand('HELLO', HELLO_VERSION, HELLO_PADDING, this.#transient.publicKey, nonce, proof)]
  }

  receive(command: Frame): readonly Frame[] {
    const { name, data } = decodeCommand(command)
    if (name === 'ERROR' && this.#expecting !== 'nothing') throw refusedBy(data)
    if (name !== this.#expecting)
      throw new ProtocolError(`${name} from a CURVE server that owes ${this.#expecting}`)
    return name === 'WELCOME' ? this.#welcome(data) : this.#ready(data)
  }

  /** A client asks nobody: the server's key has decided. */
  decide(): readonly Frame[] {
    return []
  }

  #welcome(data: Frame): readonly Frame[] {
    if (data.length !== WELCOME_SIZE)
      throw new ProtocolError(`a CURVE WELCOME with ${data.length} bytes of data`)
    const { crypto } = this.#settings
    const nonce = wholeNonce('WELCOME-', data.subarray(0, LONG_NONCE_SIZE))
    const plain = openBox(crypto, 'the WELCOME', data.subarray(LONG_NONCE_SIZE), nonce, this.#greetingKey!)
    const serverTransient = plain.subarray(0, KEY_SIZE)
    this.#key = sharedKey(crypto, "the server's transient key", serverTransient, this.#transient.secretKey)
    this.#transient.secretKey.fill(0)
    this.#greetingKey = undefined
    this.#expecting = 'READY'
    return [this.#initiate(serverTransient, plain.subarray(KEY_SIZE))]
  }

  #initiate(serverTransient: Buffer, cookie: Buffer): Frame {
    const { crypto, keys, metadata } = this.#settings
    const nonce = this.#nextNonce()
    const plain = Buffer.concat([keys.publicKey, this.#vouch(serverTransient), encodeMetadata(metadata)])
    const box = sealBox(crypto, plain, wholeNonce('CurveZMQINITIATE', nonce), this.#key!)
    return encodeCommand('INITIATE', cookie, nonce, box)
  }

  /** Says, with our permanent key, that C' is ours and meant for this server. */
  #vouch(serverTransient: Buffer): Buffer {
    const { crypto, keys, serverKey } = this.#settings
    const nonce = randomLongNonce()
    const key = sharedKey(crypto, "the server's transient key", serverTransient, keys.secretKey)
    const plain = Buffer.concat([this.#transient.publicKey, serverKey])
    return Buffer.concat([nonce, sealBox(crypto, plain, wholeNonce('VOUCH---', nonce), key)])
  }

  #ready(data: Frame): readonly Frame[] {
    if (data.length < SHORT_NONCE_SIZE + MAC_SIZE) {
      throw new ProtocolError(`a CURVE READY with ${data.length} bytes of data`)
    }
    const { crypto } = this.#settings
    this.#incoming.accept(data, 0)
    const nonce = wholeNonce('CurveZMQREADY---', data.subarray(0, SHORT_NONCE_SIZE))
    this.#peer = decodeMetadata(
      openBox(crypto, 'the READY', data.subarray(SHORT_NONCE_SIZE), nonce, this.#key!),
    )
    this.#expecting = 'nothing'
    this.#cipher = new CurveCipher({
      crypto,
      key: this.#key!,
      side: 'client',
      outgoing: this.#outgoing,
      incoming: this.#incoming,
    })
    return []
  }

  #nextNonce(): Buffer {
    const nonce = Buffer.alloc(SHORT_NONCE_SIZE)
    this.#outgoing.write(nonce, 0)
    return nonce
  }
}
