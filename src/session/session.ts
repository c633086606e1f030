/** One peer over one connection: handshake, then messages between pipe and wire. Ends when either side has gone; dialling again is the dialler's work. */
import { ProtocolError, SecurityError, StateError, TimeoutError, TypedMqError } from '../errors.ts'
import type { Frame, Message } from '../message.ts'
import type { SocketOptions } from '../options.ts'
import type { Peer } from '../peer.ts'
import type { Pipe, PipeOwner } from '../queue/pipe.ts'
import type { Credentials, Metadata, Security, Verdict } from '../security/mechanism.ts'
import type { SocketType } from '../socket-type.ts'
import type { Connection, ConnectionHandler } from '../transport/transport.ts'
import { decodeCommand, decodeError, decodePing, encodeCommand, encodeError } from '../wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../wire/frame.ts'
import { type FrameLimits, FrameReader, type FrameSink } from '../wire/frame-reader.ts'
import type { SlabPool } from '../wire/slab-pool.ts'
import { Coverage } from './coverage.ts'
import { Handshake } from './handshake.ts'
import { Heartbeat, type HeartbeatOwner } from './heartbeat.ts'
import { Inbound } from './inbound.ts'
import { Outbound } from './outbound.ts'

/** READY: this peer goes on sending PINGs while it does not read. libzmq cannot. */
export const BEATS_WHEN_PAUSED = 'X-TypedMQ-Beats-When-Paused'

/** Commands that may wait for a blocked connection; then we stop reading the peer that asks for more PONGs. */
const PENDING_COMMANDS = 64

/** What a session needs to know of its socket. */
export interface SessionContext {
  readonly type: SocketType
  readonly options: SocketOptions
  /** What READY says of us. */
  readonly metadata: Metadata
  readonly security: Security
  readonly slabs: SlabPool
}

/** How a session ended. */
export interface SessionEnd {
  readonly error: Error | undefined
  /** Upper bound of the messages handed to the kernel that the peer may not have got. */
  readonly possiblyLost: number
}

export interface SessionOwner {
  /** What is against this peer, or undefined. */
  refuses(peer: Peer): string | undefined
  /** Whether the peer may come in. Never throws or rejects. */
  authenticate(session: Session, peer: Peer, credentials: Credentials): Verdict | Promise<Verdict>
  /** The handshake is over; answers the session's end of the peer's pipe. */
  opened(session: Session, peer: Peer): Pipe
  /** Exactly once, last of all. */
  ended(session: Session, end: SessionEnd): void
}

interface Sync {
  readonly target: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * greeting --> handshake <--> deciding --> open --> draining --> closed
 *     \-------------\------------\-- refused --\------^            ^
 *      \-------------\------------\-- on any error \---------------/
 */
type Phase = 'greeting' | 'handshake' | 'deciding' | 'open' | 'draining' | 'closed'

export class Session implements ConnectionHandler, PipeOwner, FrameSink, HeartbeatOwner {
  readonly coverage = new Coverage()
  readonly #owner: SessionOwner
  readonly #context: SessionContext
  readonly #connection: Connection
  readonly #handshake: Handshake
  readonly #limits: FrameLimits
  readonly #reader: FrameReader
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  #phase: Phase = 'greeting'
  #timer: NodeJS.Timeout | undefined
  #heartbeat: Heartbeat | undefined
  #pipe: Pipe | undefined
  #peer: Peer | undefined
  #syncs: Sync[] = []
  /** The peer has sent a PING: it has heartbeats. */
  #pinged = false
  /** The peer has read to our end, and left then. */
  #seenOff = false
  #error: Error | undefined

  constructor(owner: SessionOwner, context: SessionContext, connection: Connection, accepted: boolean) {
    this.#owner = owner
    this.#context = context
    this.#connection = connection
    const { options, metadata, type } = context
    const address = connection.remote
    const mechanism = context.security.create({ accepted, address, metadata })
    this.#handshake = new Handshake(type, metadata, address, mechanism)
    this.#limits = { maxMessageSize: options.maxHandshakeSize, maxParts: 1 }
    this.#reader = new FrameReader(this, this.#limits)
    this.#inbound = new Inbound(connection, this.#reader)
    this.#outbound = new Outbound(connection, context.slabs, this.coverage, () => this.#emptied())
    if (options.handshakeTimeout !== Infinity) {
      const late = () => this.destroy(new TimeoutError(`no handshake within ${options.handshakeTimeout} ms`))
      this.#timer = setTimeout(late, options.handshakeTimeout).unref()
    }
    connection.handler = this
    this.#outbound.say(this.#handshake.takeOutput())
  }

  get address(): string {
    return this.#connection.remote
  }

  /** Undefined until the handshake is over. */
  get peer(): Peer | undefined {
    return this.#peer
  }

  /** Ends at once; what is in the pipe stays there, what was written may arrive. Idempotent. */
  destroy(error?: Error): void {
    if (this.#phase === 'closed') return
    this.#error ??= error
    this.#connection.destroy()
    this.#close()
  }

  /**
   * Resolves once the peer has everything that is in the pipe now: a PING after it was answered.
   * A peer older than ZMTP 3.1 knows no PING: there it is enough that the kernel has it.
   */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#phase !== 'open') {
        reject(new StateError('the connection is gone'))
        return
      }
      this.#syncs.push({ target: this.coverage.written + this.#pipe!.waiting, resolve, reject })
      if (this.#beating) this.#outbound.ping()
      this.#checkSyncs()
    })
  }

  // What the connection tells.

  data(chunk: Buffer): void {
    this.#heartbeat?.heard()
    if (this.#phase === 'closed') return
    this.#guarded(() => {
      const rest = this.#phase === 'greeting' ? this.#greet(chunk) : chunk
      if (rest.length > 0) this.#inbound.feed(rest)
    })
  }

  drain(): void {
    this.#outbound.drained()
  }

  /** The peer is leaving: it has said all, and hears no more. */
  ended(): void {
    if (this.#phase === 'closed') return
    if (this.#outbound.blocked) this.#connection.destroy()
    else this.#connection.end()
    this.#error ??= this.#early ? new ProtocolError('the peer left during the handshake') : undefined
    this.#close()
  }

  closed(error?: Error): void {
    this.#seenOff = this.#phase === 'draining' && error === undefined
    this.#error ??=
      error ?? (this.#early ? new ProtocolError('the peer left during the handshake') : undefined)
    this.#close()
  }

  // What the pipe tells.

  readable(): void {
    this.#outbound.schedule()
  }

  pressed(): void {
    // Before the pipe is ours, what comes into it waits for `attach`.
    if (this.#pipe !== undefined) this.#outbound.flush()
  }

  writable(): void {
    this.#guarded(() => this.#inbound.readOn())
  }

  drained(): void {}

  /** The socket is done with this peer: what it wrote still goes out, what the peer sends is discarded. */
  detached(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'draining'
    this.#heartbeat?.stop()
    this.#outbound.flush()
    this.writable()
  }

  // What the reader tells.

  message(message: Message): boolean {
    if (this.#phase === 'open') return this.#pipe!.push(message)
    if (this.#phase === 'handshake') {
      this.#handshake.message(message as Frame)
      this.#progress()
    }
    return this.#reads
  }

  command(body: Frame): boolean {
    if (this.#phase === 'open') this.#obey(body)
    else if (this.#phase === 'handshake') {
      this.#handshake.command(body)
      this.#progress()
    }
    return this.#reads
  }

  // What the heartbeat asks.

  /**
   * What we write to a peer that has left makes its system throw away what we have not read yet. A peer that does not
   * wait for our beats therefore gets one only when its answer would tell us something that we can read.
   */
  beat(heard: boolean): void {
    const needless = this.#inbound.paused || (heard && this.coverage.uncovered === 0)
    if (this.#beating && (this.#awaited || !needless)) this.#outbound.ping()
  }

  get listening(): boolean {
    if (this.#inbound.paused) return false
    // What it has not answered for may be what it does not read: in the buffers of the system, if our write is not blocked.
    return this.coverage.uncovered === 0 || this.#beatsWhenPaused
  }

  silent(): void {
    this.destroy(new TimeoutError(`nothing heard for ${this.#context.options.heartbeatTimeout} ms`))
  }

  get #early(): boolean {
    return this.#phase === 'greeting' || this.#phase === 'handshake' || this.#phase === 'deciding'
  }

  /** Whether the peer answers PINGs. */
  get #beating(): boolean {
    return this.#phase === 'open' && this.#peer?.protocol === '3.1'
  }

  get #beatsWhenPaused(): boolean {
    return this.#peer?.metadata.has(BEATS_WHEN_PAUSED.toLowerCase()) === true
  }

  /** Whether the peer may give us up for silence. */
  get #awaited(): boolean {
    return this.#pinged || this.#beatsWhenPaused
  }

  get #reads(): boolean {
    if (this.#outbound.pendingCommands >= PENDING_COMMANDS) return false
    return this.#phase === 'handshake' || this.#phase === 'open' || this.#phase === 'draining'
  }

  /** Reads what comes before frames; answers the rest. */
  #greet(chunk: Buffer): Buffer {
    const used = this.#handshake.greet(chunk)
    this.#outbound.say(this.#handshake.takeOutput())
    if (this.#handshake.framed) this.#phase = 'handshake'
    return chunk.subarray(used)
  }

  #progress(): void {
    this.#outbound.say(this.#handshake.takeOutput())
    if (this.#handshake.pending !== undefined) this.#consider(this.#handshake.pending)
    else if (this.#handshake.over) this.#open()
  }

  /** The peer waits for our word. */
  #consider(credentials: Credentials): void {
    const peer = this.#acceptable()
    if (peer === undefined) return
    const verdict = this.#owner.authenticate(this, peer, credentials)
    if (!(verdict instanceof Promise)) {
      this.#decide(verdict)
      return
    }
    this.#phase = 'deciding'
    void verdict.then(decided => {
      if (this.#phase !== 'deciding') return
      this.#phase = 'handshake'
      this.#guarded(() => {
        this.#decide(decided)
        this.#inbound.readOn()
      })
    })
  }

  #decide(verdict: Verdict): void {
    this.#handshake.decide(verdict)
    if (verdict.status !== 200) {
      this.#refuse(
        new SecurityError(verdict.reason, { status: verdict.status }),
        this.#handshake.takeOutput(),
      )
      return
    }
    // The verdict may have changed what stands on the peer, and time may have passed: ask again.
    if (this.#acceptable() !== undefined) this.#progress()
  }

  /** The peer, if nothing is against it; else it is told so. */
  #acceptable(): Peer | undefined {
    try {
      const peer = this.#handshake.peer()
      const objection = this.#owner.refuses(peer)
      if (objection !== undefined) throw new ProtocolError(objection, { fatal: true })
      return peer
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#refuse(error, [encodeFrame(FLAG_COMMAND, encodeError(error.message))])
      return undefined
    }
  }

  /** Says why, and leaves. The handshake's timer ends a peer that does not leave too. */
  #refuse(error: Error, frames: readonly Frame[]): void {
    this.#error ??= error
    this.#outbound.say(frames)
    this.#phase = 'draining'
    this.#connection.end()
  }

  #open(): void {
    const peer = this.#acceptable()
    if (peer === undefined) return
    clearTimeout(this.#timer)
    const { options, type } = this.#context
    this.#peer = peer
    this.#limits.maxMessageSize = options.maxMessageSize
    this.#limits.maxParts = options.maxParts
    const cipher = this.#handshake.cipher
    if (cipher !== undefined) {
      this.#reader.openWith(cipher)
      this.#outbound.sealWith(cipher)
    }
    this.#phase = 'open'
    if (this.#beating)
      this.#heartbeat = new Heartbeat(this, options.heartbeatInterval, options.heartbeatTimeout)
    const pipe = this.#owner.opened(this, peer)
    this.#pipe = pipe
    pipe.owner = this
    this.#outbound.attach(pipe, this.#beating && (type === 'SUB' || type === 'XSUB'))
    if (pipe.closed) this.detached()
  }

  /** A command after the handshake. Unknown ones are ignored, so that later versions may have more. */
  #obey(body: Frame): void {
    const { name, data } = decodeCommand(body)
    switch (name) {
      case 'PING':
        this.#pinged = true
        this.#outbound.command(encodeCommand('PONG', decodePing(data)))
        break
      case 'PONG':
        this.coverage.answered(data)
        this.#track()
        // That PING went before all that is waited for.
        if (this.#syncs.length > 0) this.#outbound.ping()
        break
      case 'SUBSCRIBE':
        this.#subscription(1, data)
        break
      case 'CANCEL':
        this.#subscription(0, data)
        break
      case 'ERROR':
        throw new ProtocolError(`the peer reports: ${decodeError(data)}`, { fatal: true })
      case 'READY':
        throw new ProtocolError('a second READY')
    }
  }

  #subscription(kind: number, prefix: Frame): void {
    const { type } = this.#context
    if (type !== 'PUB' && type !== 'XPUB') throw new ProtocolError(`a subscription at a ${type} socket`)
    this.#pipe!.push(Buffer.concat([Buffer.from([kind]), prefix]))
  }

  /** Everything asked for is with the kernel. */
  #emptied(): void {
    if (this.#phase === 'open') {
      this.#track()
      if (this.#inbound.pending) this.writable()
    } else if (this.#phase === 'draining' && this.#pipe !== undefined) {
      this.#connection.end()
    }
  }

  /** More has been written, or is known to have arrived. */
  #track(): void {
    const { uncovered } = this.coverage
    this.#pipe!.uncovered = uncovered
    if (uncovered > 0 && this.#beating && this.#context.options.dispatch === 'least-queued')
      this.#outbound.cover()
    this.#checkSyncs()
  }

  #checkSyncs(): void {
    if (this.#syncs.length === 0) return
    const reached = this.#beating ? this.coverage.covered : this.coverage.written
    const done = this.#syncs.filter(sync => sync.target <= reached)
    this.#syncs = this.#syncs.filter(sync => sync.target > reached)
    for (const sync of done) sync.resolve()
  }

  /** Runs what may find the peer at fault. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof TypedMqError)) throw error
      this.destroy(error)
    }
  }

  /** What had arrived before the end still counts. */
  #readOut(): void {
    try {
      this.#inbound.readOut()
    } catch (error) {
      this.#error ??= error as Error
    }
  }

  /** All ends meet here. */
  #close(): void {
    if (this.#phase === 'closed') return
    const pipe = this.#pipe
    if (this.#phase === 'open' && !(this.#error instanceof ProtocolError)) this.#readOut()
    this.#phase = 'closed'
    clearTimeout(this.#timer)
    this.#heartbeat?.stop()
    this.#inbound.discard()
    this.#outbound.stop()
    for (const sync of this.#syncs) sync.reject(new StateError('the connection was lost'))
    this.#syncs = []
    pipe?.close()
    this.#owner.ended(this, { error: this.#error, possiblyLost: this.#seenOff ? 0 : this.coverage.uncovered })
  }
}
