/** One side of a handshake, driven with bytes as a session would drive it. */
import { EMPTY_FRAME, type Frame, type Message, partsOf } from '../../../src/message.ts'
import type { PeerIdentity } from '../../../src/peer-identity.ts'
import type { Security, Verdict } from '../../../src/security/mechanism.ts'
import { NULL_SECURITY } from '../../../src/security/null.ts'
import { Handshake } from '../../../src/session/handshake.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import { encodeCommand } from '../../../src/wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../../../src/wire/frame.ts'
import { FrameReader } from '../../../src/wire/frame-reader.ts'
import { encodeGreetingRest, encodeGreetingStart } from '../../../src/wire/greeting.ts'
import { encodeMetadata } from '../../../src/wire/metadata.ts'

export interface SideOptions {
  readonly type: SocketType
  readonly accepted: boolean
  readonly routingId?: string
  readonly security?: Security
  readonly verdict?: Verdict
}

export class Side {
  readonly handshake: Handshake
  readonly #reader: FrameReader
  readonly #verdict: Verdict
  /** Whether this side was asked for a verdict. */
  asked = 0

  constructor({
    type,
    accepted,
    routingId = '',
    security = NULL_SECURITY,
    verdict = { status: 200 },
  }: SideOptions) {
    const metadata = new Map<string, Frame>([
      ['Socket-Type', Buffer.from(type)],
      ['Identity', Buffer.from(routingId)],
    ])
    const address = 'tcp://127.0.0.1:5555'
    const mechanism = security.create({ accepted, address, metadata })
    this.handshake = new Handshake(type, metadata, address, mechanism)
    this.#verdict = verdict
    const limits = { maxMessageSize: 16 * 1024, maxParts: 1 }
    this.#reader = new FrameReader(
      { message: message => this.#read(message, 'message'), command: body => this.#read(body, 'command') },
      limits,
    )
  }

  /** Takes bytes of the peer; whatever belongs to no handshake must not be there. */
  feed(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes)
    const rest =
      this.handshake.framed || this.handshake.over ? chunk : chunk.subarray(this.handshake.greet(chunk))
    if (rest.length > 0) this.#reader.feed(rest)
  }

  /** What it has said since the last call. */
  said(): Buffer {
    return Buffer.concat(this.handshake.takeOutput())
  }

  get peer(): PeerIdentity | undefined {
    return this.handshake.over ? this.handshake.identity() : undefined
  }

  #read(read: Message, kind: 'message' | 'command'): boolean {
    this.handshake[kind](partsOf(read)[0]!)
    if (this.handshake.pending !== undefined) {
      this.asked++
      this.handshake.decide(this.#verdict)
    }
    return true
  }
}

/** Lets both speak until both are silent, `size` bytes at a time. */
export function converse(one: Side, other: Side, size = Infinity): void {
  let spoken = true
  while (spoken) {
    const fromOne = one.said()
    const fromOther = other.said()
    for (const chunk of pieces(fromOne, size)) other.feed(chunk)
    for (const chunk of pieces(fromOther, size)) one.feed(chunk)
    spoken = fromOne.length + fromOther.length > 0
  }
}

export function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** What a foreign peer of ZMTP 3.x says before its first message. */
export function foreignOpening(
  type: string,
  {
    minor = 1,
    mechanism = 'NULL',
    identity = EMPTY_FRAME,
  }: { minor?: number; mechanism?: string; identity?: Frame } = {},
): Buffer {
  const greeting = Buffer.concat([encodeGreetingStart(), encodeGreetingRest(mechanism, false)])
  greeting[11] = minor
  return Buffer.concat([greeting, readyFrame(type, identity)])
}

export function readyFrame(type: string, identity: Frame = EMPTY_FRAME): Buffer {
  const metadata = encodeMetadata([
    ['Socket-Type', Buffer.from(type)],
    ['Identity', identity],
  ])
  return Buffer.from(encodeFrame(FLAG_COMMAND, encodeCommand('READY', metadata)))
}

/** What a peer of ZMTP 2.0 says: signature, revision 1, socket type, identity (RFC 15). */
export function downLevelOpening(type: number, identity = ''): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, type]),
    encodeFrame(0, Buffer.from(identity)),
  ])
}
