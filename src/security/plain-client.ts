/** The client's side of a PLAIN handshake: HELLO, then INITIATE once it is welcome. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { decodeCommand, encodeCommand } from '../wire/command.ts'
import { decodeMetadata, encodeMetadata } from '../wire/metadata.ts'
import type { Mechanism, Metadata } from './mechanism.ts'
import { spellRight } from './plain-error.ts'
import { refusedBy } from './refusal.ts'

export interface PlainClientSettings {
  readonly username: Buffer
  readonly password: Buffer
  readonly metadata: Metadata
}

/** What the server owes us: WELCOME, then READY, then nothing more. */
type Expecting = 'WELCOME' | 'READY' | 'nothing'

export class PlainClient implements Mechanism {
  readonly name = 'PLAIN'
  readonly asServer = false
  readonly pending = undefined
  readonly cipher = undefined
  readonly #settings: PlainClientSettings
  #expecting: Expecting = 'WELCOME'
  #peer: Metadata | undefined

  constructor(settings: PlainClientSettings) {
    this.#settings = settings
  }

  get peer(): Metadata | undefined {
    return this.#peer
  }

  start(): readonly Frame[] {
    const { username, password } = this.#settings
    return [
      encodeCommand(
        'HELLO',
        Buffer.from([username.length]),
        username,
        Buffer.from([password.length]),
        password,
      ),
    ]
  }

  receive(command: Frame): readonly Frame[] {
    const { name, data } = decodeCommand(spellRight(command))
    if (name === 'ERROR' && this.#expecting !== 'nothing') throw refusedBy(data)
    if (name !== this.#expecting)
      throw new ProtocolError(`${name} from a PLAIN server that owes ${this.#expecting}`)
    return name === 'WELCOME' ? this.#welcome(data) : this.#ready(data)
  }

  /** A client asks nobody: it chose the server by its address. */
  decide(): readonly Frame[] {
    return []
  }

  #welcome(data: Frame): readonly Frame[] {
    if (data.length !== 0) throw new ProtocolError(`a PLAIN WELCOME with ${data.length} bytes of data`)
    this.#expecting = 'READY'
    return [encodeCommand('INITIATE', encodeMetadata(this.#settings.metadata))]
  }

  #ready(data: Frame): readonly Frame[] {
    this.#peer = decodeMetadata(data)
    this.#expecting = 'nothing'
    return []
  }
}
