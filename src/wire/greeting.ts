/** The greeting (RFC 37, "Greeting"): 64 bytes, sent in two pieces so that an older peer can be told from a 3.x one before it is misled. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'

export interface Greeting {
  /** Major version: 3, or 2 for a peer of RFC 15 (whose revision byte says 1). */
  readonly major: 2 | 3
  readonly minor: number
  readonly mechanism: string
  readonly asServer: boolean
}

const SIGNATURE = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f])
/** Signature and major version: all that may be sent before the peer's version is known. */
const VERSION_AT = SIGNATURE.length
const GREETING_SIZE = 64
const MECHANISM_AT = 12
const MECHANISM_SIZE = 20
const AS_SERVER_AT = 32

/** Signature and major version. */
export function encodeGreetingStart(): Frame {
  return Buffer.concat([SIGNATURE, Buffer.from([3])])
}

/** The other 53 bytes, for a peer of version 3. */
export function encodeGreetingRest(mechanism: string, asServer: boolean): Frame {
  const greeting = Buffer.alloc(GREETING_SIZE)
  greeting[VERSION_AT + 1] = 1
  greeting.write(mechanism, MECHANISM_AT, MECHANISM_SIZE, 'latin1')
  greeting[AS_SERVER_AT] = asServer ? 1 : 0
  return greeting.subarray(VERSION_AT + 1)
}

/** Collects a peer's greeting from any split of the stream. */
export class GreetingReader {
  readonly #bytes = Buffer.alloc(GREETING_SIZE)
  #filled = 0

  /** Takes what belongs to the greeting; answers how many bytes that was. Throws `ProtocolError` at the first byte that cannot be right. */
  read(chunk: Uint8Array): number {
    let used = 0
    while (used < chunk.length && !this.#complete) {
      this.#bytes[this.#filled] = chunk[used++]!
      this.#check(this.#filled++)
    }
    return used
  }

  /** The peer's major version as soon as it is known. */
  get major(): 2 | 3 | undefined {
    if (this.#filled <= VERSION_AT) return undefined
    return this.#bytes[VERSION_AT]! >= 3 ? 3 : 2
  }

  /** The whole greeting, once it is there; of a version 2 peer there is no more than its version. */
  get greeting(): Greeting | undefined {
    if (!this.#complete) return undefined
    if (this.major === 2) return { major: 2, minor: 0, mechanism: 'NULL', asServer: false }
    const mechanism = this.#bytes.toString('latin1', MECHANISM_AT, MECHANISM_AT + MECHANISM_SIZE)
    return {
      major: 3,
      minor: this.#bytes[VERSION_AT + 1]!,
      mechanism: mechanism.replace(/\0+$/, ''),
      asServer: this.#bytes[AS_SERVER_AT] === 1,
    }
  }

  get #complete(): boolean {
    return this.#filled === GREETING_SIZE || this.major === 2
  }

  #check(at: number): void {
    const byte = this.#bytes[at]!
    if (at === 0 && byte !== 0xff) {
      throw new ProtocolError(`not a ZMTP peer: its first byte is 0x${byte.toString(16)}, not 0xff`)
    }
    // Bytes 1 to 8 are padding that older peers fill with a length.
    if (at === 9 && (byte & 1) === 0)
      throw new ProtocolError('the peer speaks ZMTP 1.0; 2.0 or later is needed')
    if (at === VERSION_AT && byte === 0)
      throw new ProtocolError('the peer speaks ZMTP 1.0; 2.0 or later is needed')
    if (
      at >= MECHANISM_AT &&
      at < MECHANISM_AT + MECHANISM_SIZE &&
      byte !== 0 &&
      (byte < 0x21 || byte > 0x7e)
    ) {
      throw new ProtocolError(`the greeting names a mechanism with the byte 0x${byte.toString(16)}`)
    }
  }
}
