/** What two peers say before their first message, as a pure machine: greetings, then the mechanism's commands; or RFC 15's few bytes with a ZMTP 2.0 peer. */
import { copyOf, keyOf, utf8 } from '../bytes.ts'
import { ProtocolError, SecurityError } from '../errors.ts'
import { EMPTY_FRAME, type Frame, inOwnMemory } from '../message.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Cipher, Credentials, Mechanism, Metadata, Verdict } from '../security/mechanism.ts'
import { incompatibility, isSocketType, type SocketType } from '../socket-type.ts'
import { encodeFrame, FLAG_COMMAND } from '../wire/frame.ts'
import { encodeGreetingRest, encodeGreetingStart, GreetingReader } from '../wire/greeting.ts'

/** RFC 15, "The Greeting": the numbers of the socket types. */
const DOWN_LEVEL_TYPES: readonly SocketType[] = [
  'PAIR',
  'PUB',
  'SUB',
  'REQ',
  'REP',
  'DEALER',
  'ROUTER',
  'PULL',
  'PUSH',
  'XPUB',
  'XSUB',
]

/**
 * greeting --> commands --> over
 *     \-> down-level -------^
 */
type Phase = 'greeting' | 'commands' | 'down-level' | 'over'

export class Handshake {
  readonly #type: SocketType
  readonly #own: Metadata
  readonly #address: string
  readonly #mechanism: Mechanism
  readonly #reader = new GreetingReader()
  #phase: Phase = 'greeting'
  #restSent = false
  #output: Frame[] = [encodeGreetingStart()]
  #downLevelType: SocketType | undefined
  #downLevelId: Frame | undefined
  #downLevelPending: Credentials | undefined
  #userId: string | undefined

  /** `own`: what READY says of us. */
  constructor(type: SocketType, own: Metadata, address: string, mechanism: Mechanism) {
    this.#type = type
    this.#own = own
    this.#address = address
    this.#mechanism = mechanism
  }

  get over(): boolean {
    return this.#phase === 'over'
  }

  /** Whether what follows are frames, for `command` and `message`. */
  get framed(): boolean {
    return this.#phase === 'commands' || this.#downLevelType !== undefined
  }

  /** A peer of ZMTP 2.0, which knows no commands. */
  get downLevel(): boolean {
    return this.#downLevelType !== undefined
  }

  get cipher(): Cipher | undefined {
    return this.#mechanism.cipher
  }

  /** What to write now, as frames already. Emptied by the call. */
  takeOutput(): Frame[] {
    const output = this.#output
    this.#output = []
    return output
  }

  /** Reads what comes before the first frame; answers how many bytes that was. */
  greet(chunk: Uint8Array): number {
    const used = this.#reader.read(chunk)
    const major = this.#reader.major
    if (major === 3 && !this.#restSent) {
      this.#output.push(encodeGreetingRest(this.#mechanism.name, this.#mechanism.asServer))
      this.#restSent = true
    }
    if (this.#reader.greeting === undefined) return used
    if (major === 2) return used + this.#greetDownLevel(chunk.subarray(used))
    this.#checkMechanism()
    this.#phase = 'commands'
    this.#say(this.#mechanism.start())
    return used
  }

  command(body: Frame): void {
    if (this.#phase !== 'commands')
      throw new ProtocolError('a command from a peer of ZMTP 2.0, which has none')
    this.#say(this.#mechanism.receive(body))
    this.#finish()
  }

  /** Only a ZMTP 2.0 peer sends one here: its identity. */
  message(body: Frame): void {
    if (this.#phase !== 'down-level') throw new ProtocolError('a message before the handshake was over')
    if (body.length > 255) throw new ProtocolError(`an identity of ${body.length} bytes; 255 are allowed`)
    this.#downLevelId = copyOf(body)
    // ZMTP 2.0 has no mechanism, but nobody comes in unasked.
    this.#downLevelPending = { mechanism: 'NULL', metadata: this.#downLevelMetadata() }
  }

  /** Set while the peer waits for `decide`. */
  get pending(): Credentials | undefined {
    return this.#mechanism.pending ?? this.#downLevelPending
  }

  decide(verdict: Verdict): void {
    this.#userId = verdict.status === 200 ? verdict.userId : undefined
    if (this.#downLevelPending !== undefined) {
      this.#downLevelPending = undefined
      if (verdict.status === 200) this.#phase = 'over'
      return
    }
    this.#say(this.#mechanism.decide(verdict))
    this.#finish()
  }

  /** Who the peer is, by what it has said so far. Throws `ProtocolError`, fatal, when the two may not talk. */
  identity(): PeerIdentity {
    const metadata = this.#mechanism.pending?.metadata ?? this.#mechanism.peer ?? this.#downLevelMetadata()
    const type = keyOf(metadata.get('socket-type') ?? EMPTY_FRAME)
    if (!isSocketType(type))
      throw new ProtocolError(`"${printable(type)}" is no socket type`, { fatal: true })
    const problem = incompatibility(this.#type, type)
    if (problem !== undefined) throw new ProtocolError(problem, { fatal: true })
    // It is kept as long as messages of the peer are, and must not keep what the peer said besides.
    const given = metadata.get('identity') ?? EMPTY_FRAME
    const routingId = given.length === 0 ? EMPTY_FRAME : (inOwnMemory(given) as Frame)
    if (routingId.length > 255 || routingId[0] === 0)
      throw new ProtocolError('the identity is over 255 bytes or starts with a zero byte')
    return {
      socketType: type,
      routingId,
      address: this.#address,
      metadata,
      protocol: this.downLevel ? '2.0' : this.#minor > 0 ? '3.1' : '3.0',
      userId: this.#userId,
    }
  }

  get #minor(): number {
    return this.#reader.greeting?.minor ?? 0
  }

  #checkMechanism(): void {
    const own = this.#mechanism
    const { mechanism, asServer } = this.#reader.greeting!
    if (mechanism !== own.name) {
      throw new SecurityError(`the peer uses the mechanism ${mechanism}, this socket ${own.name}`)
    }
    // Two clients cannot be told here: libzmq's servers do not set the bit either.
    if (own.asServer && asServer) {
      throw new SecurityError(`both sides are ${own.name} servers; one of them must be a client`)
    }
  }

  /** A 2.0 peer sends its type right after its version, and waits for ours. */
  #greetDownLevel(chunk: Uint8Array): number {
    if (this.#phase !== 'down-level') {
      if (this.#mechanism.name !== 'NULL') {
        throw new SecurityError(`the peer speaks ZMTP 2.0, which has no ${this.#mechanism.name}`)
      }
      this.#phase = 'down-level'
      const identity = this.#own.get('Identity') ?? EMPTY_FRAME
      this.#output.push(Uint8Array.of(DOWN_LEVEL_TYPES.indexOf(this.#type)), encodeFrame(0, identity))
    }
    const number = chunk[0]
    if (number === undefined) return 0
    const type = DOWN_LEVEL_TYPES[number]
    if (type === undefined)
      throw new ProtocolError(`${number} is no socket type of ZMTP 2.0`, { fatal: true })
    this.#downLevelType = type
    return 1
  }

  #downLevelMetadata(): Metadata {
    return new Map([
      ['socket-type', utf8(this.#downLevelType ?? '')],
      ['identity', this.#downLevelId ?? EMPTY_FRAME],
    ])
  }

  #say(commands: readonly Frame[]): void {
    for (const command of commands) this.#output.push(encodeFrame(FLAG_COMMAND, command))
  }

  #finish(): void {
    if (this.#mechanism.peer !== undefined) this.#phase = 'over'
  }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)
}
