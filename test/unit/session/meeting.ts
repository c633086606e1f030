/** A session over a connection in memory, with a socket that only keeps what it is told. */
import { onTestFinished } from 'vitest'
import type { Frame } from '../../../src/message.ts'
import { completeOptions, type SocketOptions } from '../../../src/options.ts'
import { Peer, type PeerOwner } from '../../../src/peer/peer.ts'
import type { PeerIdentity } from '../../../src/peer-identity.ts'
import { Queue } from '../../../src/queue/queue.ts'
import type { Verdict } from '../../../src/security/mechanism.ts'
import { NULL_SECURITY } from '../../../src/security/null.ts'
import { Session } from '../../../src/session/session.ts'
import type { SessionEnd, SessionOwner } from '../../../src/session/session-owner.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import { SlabPool } from '../../../src/wire/slab-pool.ts'
import { ORIGIN } from '../routing/stand.ts'
import { type Read, readAll } from '../wire/streams.ts'
import { MemoryConnection } from './memory-connection.ts'
import { foreignOpening } from './sides.ts'

export interface MeetingOptions {
  readonly options?: Partial<SocketOptions>
  readonly accepted?: boolean
  readonly verdict?: Verdict | Promise<Verdict>
  /** Messages that may wait in each direction. */
  readonly marks?: number
}

export class Meeting implements SessionOwner, PeerOwner {
  readonly connection = new MemoryConnection()
  readonly peer: Peer
  readonly session: Session
  readonly log: string[] = []
  /** What the socket has against every peer. */
  objection: string | undefined
  end: SessionEnd | undefined
  readonly #verdict: Verdict | Promise<Verdict>

  constructor(type: SocketType, given: MeetingOptions = {}) {
    const { options = {}, accepted = true, verdict = { status: 200 }, marks = Infinity } = given
    this.#verdict = verdict
    const bounds = { messages: marks, bytes: Infinity }
    const queues = { outgoing: new Queue(bounds), incoming: new Queue(bounds) }
    this.peer = new Peer(1, 'tcp://10.0.0.1:5555', { ...ORIGIN, accepts: accepted }, this, queues)
    const context = {
      type,
      options: completeOptions(options),
      metadata: new Map<string, Frame>([['Socket-Type', Buffer.from(type)]]),
      security: NULL_SECURITY,
      slabs: new SlabPool(),
    }
    this.session = new Session(this.peer, this, context, this.connection)
    this.peer.shake(this.session)
    onTestFinished(() => this.session.destroy())
  }

  get outgoing(): Queue {
    return this.peer.outgoing
  }

  get incoming(): Queue {
    return this.peer.incoming
  }

  /** Undefined until the peer is in. */
  get identity(): PeerIdentity | undefined {
    return this.peer.identity
  }

  /** The peer says these bytes. */
  hear(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.connection.handler.reader.data(Buffer.from(chunk))
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

  /** The socket is done with the peer. */
  release(): void {
    this.peer.release()
    this.session.release()
  }

  refuses(): string | undefined {
    return this.objection
  }

  authenticate(): Verdict | Promise<Verdict> {
    return this.#verdict
  }

  join(peer: Peer, identity: PeerIdentity): void {
    peer.introduce(identity)
  }

  sessionEnded(peer: Peer, end: SessionEnd): void {
    peer.end()
    this.end = end
    this.log.push('ended')
  }

  readable(): void {
    this.log.push('readable')
  }
  writable(): void {
    this.log.push('writable')
  }
  drained(): void {}
  left(): void {}
}
