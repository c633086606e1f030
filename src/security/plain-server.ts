/**
 * The server's side of a PLAIN handshake. It decides after INITIATE, not after HELLO, so that `authenticate` also knows the
 * client's socket type and metadata; WELCOME therefore promises nothing. RFC 24 lets ERROR stand in READY's place.
 */
import { ProtocolError, SecurityError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { decodeCommand, encodeCommand } from '../wire/command.ts'
import { decodeMetadata, encodeMetadata } from '../wire/metadata.ts'
import type { Credentials, Mechanism, Metadata, Verdict } from './mechanism.ts'
import { encodePlainRefusal } from './plain-error.ts'

/** What the client owes us: HELLO, then INITIATE, then nothing more. */
type Expecting = 'HELLO' | 'INITIATE' | 'nothing'

export class PlainServer implements Mechanism {
  readonly name = 'PLAIN'
  readonly asServer = true
  readonly cipher = undefined
  readonly #metadata: Metadata
  #expecting: Expecting = 'HELLO'
  #login: { username: string; password: string } | undefined
  #pending: Credentials | undefined
  #peer: Metadata | undefined

  constructor(metadata: Metadata) {
    this.#metadata = metadata
  }

  get pending(): Credentials | undefined {
    return this.#pending
  }

  get peer(): Metadata | undefined {
    return this.#peer
  }

  start(): readonly Frame[] {
    return []
  }

  receive(command: Frame): readonly Frame[] {
    const { name, data } = decodeCommand(command)
    if (name !== this.#expecting)
      throw new ProtocolError(`${name} from a PLAIN client that owes ${this.#expecting}`)
    return name === 'HELLO' ? this.#hello(data) : this.#initiate(data)
  }

  decide(verdict: Verdict): readonly Frame[] {
    const pending = this.#pending
    this.#pending = undefined
    if (verdict.status !== 200) return encodePlainRefusal(verdict)
    if (pending === undefined) throw new SecurityError('a PLAIN client was accepted that did not ask')
    this.#peer = pending.metadata
    return [encodeCommand('READY', encodeMetadata(this.#metadata))]
  }

  #hello(data: Frame): readonly Frame[] {
    const passwordAt = 1 + (data[0] ?? 0)
    const end = passwordAt + 1 + (data[passwordAt] ?? 0)
    if (end !== data.length) throw new ProtocolError('a PLAIN HELLO whose lengths do not fit')
    this.#login = {
      username: decodeText(data.subarray(1, passwordAt)),
      password: decodeText(data.subarray(passwordAt + 1)),
    }
    this.#expecting = 'INITIATE'
    return [encodeCommand('WELCOME')]
  }

  #initiate(data: Frame): readonly Frame[] {
    this.#pending = { mechanism: 'PLAIN', metadata: decodeMetadata(data), ...this.#login! }
    this.#login = undefined
    this.#expecting = 'nothing'
    return []
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Strict, for a lenient decoder would make one password of several. */
function decodeText(bytes: Frame): string {
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new ProtocolError('a PLAIN name or password is not UTF-8')
  }
}
