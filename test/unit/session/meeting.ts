/** A session over a connection in memory, with a socket that only keeps what it is told. */
import { onTestFinished } from 'vitest'
import type { Frame } from '../../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../../src/options.ts'
import type { Peer } from '../../../src/peer.ts'
import { Pipe, type PipeOwner } from '../../../src/queue/pipe.ts'
import type { Verdict } from '../../../src/security/mechanism.ts'
import { NULL_SECURITY } from '../../../src/security/null.ts'
import { Session } from '../../../src/session/session.ts'
import type { SessionEnd, SessionOwner } from '../../../src/session/session-owner.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import { SlabPool } from '../../../src/wire/slab-pool.ts'
import { type Read, readAll } from '../wire/streams.ts'
import { MemoryConnection } from './memory-connection.ts'
import { foreignOpening } from './sides.ts'

const UNBOUNDED = { messages: Infinity, bytes: Infinity }

export interface MeetingOptions {
  readonly options?: Partial<SocketOptions>
  readonly accepted?: boolean
  readonly verdict?: Verdict | Promise<Verdict>
  /** Messages that may wait in each direction. */
  readonly marks?: number
}

export class Meeting implements SessionOwner, PipeOwner {
  readonly connection = new MemoryConnection()
  readonly session: Session
  readonly log: string[] = []
  /** What the socket has against every peer. */
  objection: string | undefined
  end: SessionEnd | undefined
  /** The socket's end of the pipe, once the peer is in. */
  pipe: Pipe | undefined
  peer: Peer | undefined
  readonly #verdict: Verdict | Promise<Verdict>
  readonly #marks: number

  constructor(type: SocketType, given: MeetingOptions = {}) {
    const { options = {}, accepted = true, verdict = { status: 200 }, marks = Infinity } = given
    this.#verdict = verdict
    this.#marks = marks
    const context = {
      type,
      options: completeOptions(options),
      metadata: new Map<string, Frame>([['Socket-Type', Buffer.from(type)]]),
      security: NULL_SECURITY,
      slabs: new SlabPool(),
    }
    this.session = new Session(this, context, this.connection, accepted)
    onTestFinished(() => this.session.destroy())
  }

  /** The peer says these bytes. */
  hear(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.connection.handler.data(Buffer.from(chunk))
  }

  /** Greets as a foreign peer of this type; what the session said until then is forgotten. */
  greet(type: SocketType, minor = 1): this {
    this.hear(foreignOpening(type, { minor }))
    this.connection.take()
    return this
  }

  /** What the session has said in frames since the last call, when the tick is over. */
  async said(): Promise<readonly Read[]> {
    await new Promise<void>(resolve => process.nextTick(resolve))
    return readAll([this.connection.take()])
  }

  refuses(): string | undefined {
    return this.objection
  }

  authenticate(): Verdict | Promise<Verdict> {
    return this.#verdict
  }

  opened(peer: Peer): Pipe {
    this.peer = peer
    const marks = this.#marks === Infinity ? UNBOUNDED : { messages: this.#marks, bytes: Infinity }
    const [near, far] = Pipe.pair(this, this.session, marks, marks)
    near.peer = peer
    this.pipe = near
    return far
  }

  ended(end: SessionEnd): void {
    this.end = end
    this.log.push('ended')
  }

  readable(): void {
    this.log.push('readable')
  }
  pressed(): void {}
  writable(): void {
    this.log.push('writable')
  }
  detached(): void {
    this.log.push('detached')
  }
  drained(): void {}
}
