/** NULL (RFC 37, "The NULL Security Mechanism"): each side sends READY. The accepting side waits for its peer's, so that it can answer ERROR instead. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'
import { decodeCommand, encodeCommand } from '../wire/command.ts'
import { decodeMetadata, encodeMetadata } from '../wire/metadata.ts'
import type { Credentials, Mechanism, MechanismContext, Metadata, Security, Verdict } from './mechanism.ts'
import { encodeRefusal, refusedBy } from './refusal.ts'

class NullMechanism implements Mechanism {
  readonly name = 'NULL'
  /** RFC 37: as-server is 0 for NULL. */
  readonly asServer = false
  readonly cipher = undefined
  readonly #context: MechanismContext
  #pending: Credentials | undefined
  #peer: Metadata | undefined

  constructor(context: MechanismContext) {
    this.#context = context
  }

  get pending(): Credentials | undefined {
    return this.#pending
  }

  get peer(): Metadata | undefined {
    return this.#peer
  }

  start(): readonly Frame[] {
    return this.#context.accepted ? [] : [this.#ready()]
  }

  receive(body: Frame): readonly Frame[] {
    const { name, data } = decodeCommand(body)
    if (name === 'ERROR') throw refusedBy(data)
    if (name !== 'READY' || this.#peer !== undefined || this.#pending !== undefined) {
      throw new ProtocolError(`the peer sent ${name} where READY was due`)
    }
    const metadata = decodeMetadata(data)
    if (this.#context.accepted) this.#pending = { mechanism: 'NULL', metadata }
    else this.#peer = metadata
    return []
  }

  decide(verdict: Verdict): readonly Frame[] {
    const pending = this.#pending
    this.#pending = undefined
    if (verdict.status !== 200) return encodeRefusal(verdict)
    this.#peer = pending?.metadata
    return [this.#ready()]
  }

  #ready(): Frame {
    return encodeCommand('READY', encodeMetadata(this.#context.metadata))
  }
}

/** No security: whoever connects is let in, unless `authenticate` objects. */
export const NULL_SECURITY: Security = {
  name: 'NULL',
  create: context => new NullMechanism(context),
}
