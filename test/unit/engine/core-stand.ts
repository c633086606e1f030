/** The core of a socket without any endpoint: peers come over connections in memory, or with queues of their own. */
import { onTestFinished } from 'vitest'
import type { CoreOptions } from '../../../src/engine/engine.ts'
import { createEvents, type SocketEventMap } from '../../../src/engine/events.ts'
import { SocketCore } from '../../../src/engine/zmtp/socket-core.ts'
import type { Frame } from '../../../src/message.ts'
import { completeOptions } from '../../../src/options.ts'
import type { Origin, Peer } from '../../../src/peer/peer.ts'
import { Queue } from '../../../src/queue/queue.ts'
import { NULL_SECURITY } from '../../../src/security/null.ts'
import type { SocketType } from '../../../src/socket-type.ts'
import type { InprocEnd } from '../../../src/transport/transport.ts'
import { SlabPool } from '../../../src/wire/slab-pool.ts'
import { identityOf } from '../routing/stand.ts'
import { MemoryConnection } from '../session/memory-connection.ts'
import { foreignOpening } from '../session/sides.ts'

const EVENTS = ['handshake', 'handshake:failed', 'disconnect', 'connect', 'connect:retry'] as const

export type Told = { [Name in keyof SocketEventMap]: SocketEventMap[Name][0] }

/** An origin that keeps what it is told. */
export class Where implements Origin {
  readonly log: string[] = []
  readonly accepts: boolean

  constructor(accepts = true) {
    this.accepts = accepts
  }

  joining(peer: Peer): void {
    this.log.push(`joining ${peer.phase}`)
  }
  failed(peer: Peer, error: Error | undefined): void {
    this.log.push(`failed ${peer.phase}: ${error?.message}`)
  }
  ended(peer: Peer, error: Error | undefined): void {
    this.log.push(`ended ${peer.phase}: ${error?.message}`)
  }
}

export class CoreStand {
  readonly core: SocketCore
  readonly where: Where
  readonly told: [string, any][] = []

  constructor(type: SocketType, given: Partial<CoreOptions> = {}, accepts = true) {
    const { authenticate, security, ...own } = given
    const options = { ...completeOptions(own), authenticate, security }
    const metadata = new Map<string, Frame>([['Socket-Type', Buffer.from(type)]])
    const context = { type, options, metadata, security: NULL_SECURITY, slabs: new SlabPool() }
    const events = createEvents()
    for (const name of EVENTS) events.on(name, (event: unknown) => this.told.push([name, event]))
    this.core = new SocketCore(context, options, events)
    this.where = new Where(accepts)
    onTestFinished(() => {
      for (const { session } of this.core.peers.all) session?.destroy()
    })
  }

  get events(): string[] {
    return this.told.map(([name]) => name)
  }

  /** A peer over a connection, before it has said anything. */
  connect(): { peer: Peer; connection: MemoryConnection } {
    const connection = new MemoryConnection()
    const peer = this.core.peers.create('tcp://10.0.0.1:5555', this.where)
    this.core.shake(peer, connection)
    return { peer, connection }
  }

  /** The same, with its handshake. */
  greet(type: SocketType, identity = ''): { peer: Peer; connection: MemoryConnection } {
    const joined = this.connect()
    joined.connection.handler.reader.data(foreignOpening(type, { identity: Buffer.from(identity) }))
    return joined
  }

  /** A peer within the process; `left` counts how often it was told that we have let go. */
  adopt(type: SocketType): { peer: Peer; end: InprocEnd; left: () => number } {
    let left = 0
    const marks = { messages: 10, bytes: Infinity }
    const partner = { left: () => ++left > 0 }
    const end = {
      identity: identityOf(type),
      outgoing: new Queue(marks),
      incoming: new Queue(marks),
      partner,
    }
    const peer = this.core.peers.adopt('inproc://here', this.where, end)
    this.core.join(peer, end.identity, partner)
    return { peer, end, left: () => left }
  }
}
