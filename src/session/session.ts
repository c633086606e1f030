/** One peer over one connection: handshake, then messages between pipe and wire. Ends when either side has gone; dialling again is the dialler's work. */
import { ProtocolError, StateError, TimeoutError, TypedMqError } from '../errors.ts'
import { type Frame, isSingle, type Message } from '../message.ts'
import type { Peer } from '../peer.ts'
import { NOBODY, type Pipe, type PipeOwner } from '../queue/pipe.ts'
import { TracedPipe } from '../queue/traced-pipe.ts'
import type { Cipher, Credentials, Verdict } from '../security/mechanism.ts'
import type { Connection, ConnectionHandler } from '../transport/transport.ts'
import { decodeCommand, decodeError, decodePing, encodeCommand } from '../wire/command.ts'
import { type FrameLimits, FrameReader, type FrameSink } from '../wire/frame-reader.ts'
import { TRACES } from '../wire/trace-command.ts'
import { Admission, type AdmissionOwner } from './admission.ts'
import { Barriers } from './barriers.ts'
import { Coverage } from './coverage.ts'
import { Handshake } from './handshake.ts'
import { Heartbeat, type HeartbeatOwner } from './heartbeat.ts'
import { Inbound } from './inbound.ts'
import { Outbound } from './outbound.ts'
import type { SessionContext, SessionOwner } from './session-owner.ts'
import { SessionTrace } from './session-trace.ts'

/** READY: this peer goes on sending PINGs while it does not read. libzmq cannot. */
export const BEATS_WHEN_PAUSED = 'X-TypedMQ-Beats-When-Paused'

/** Commands that may wait for a blocked connection; then we stop reading the peer that asks for more PONGs. */
const PENDING_COMMANDS = 64

/**
 * admission --> open --> draining --> closed
 *     |  \        \--------------> left ---^       left: the connection has ended, what arrived before is still read
 *     |   \-- refused ------^              ^
 *     \-- on any error --------------------/
 */
type Phase = 'admission' | 'open' | 'draining' | 'left' | 'closed'

export class Session implements ConnectionHandler, PipeOwner, FrameSink, HeartbeatOwner, AdmissionOwner {
  readonly coverage = new Coverage()
  readonly #owner: SessionOwner
  readonly #context: SessionContext
  readonly #connection: Connection
  readonly #limits: FrameLimits
  readonly #reader: FrameReader
  readonly #inbound: Inbound
  readonly #outbound: Outbound
  #phase: Phase = 'admission'
  /** Gone once the peer is in. */
  #admission: Admission | undefined
  #timer: NodeJS.Timeout | undefined
  #heartbeat: Heartbeat | undefined
  #pipe: Pipe | undefined
  #peer: Peer | undefined
  /** Undefined unless both ends trace. */
  #trace: SessionTrace | undefined
  /** The peer has sent a PING: it has heartbeats. */
  #pinged = false
  /** What the system had not taken of our write when the heartbeat last looked. */
  #untaken = 0
  /** The peer has read to our end, and left then. */
  #seenOff = false
  readonly #barriers = new Barriers()
  #error: Error | undefined

  constructor(owner: SessionOwner, context: SessionContext, connection: Connection, accepted: boolean) {
    this.#owner = owner
    this.#context = context
    this.#connection = connection
    const { options, metadata, type } = context
    const address = connection.remote
    const mechanism = context.security.create({ accepted, address, metadata })
    this.#admission = new Admission(this, new Handshake(type, metadata, address, mechanism))
    this.#limits = { maxMessageSize: options.maxHandshakeSize, maxParts: 1 }
    this.#reader = new FrameReader(this, this.#limits)
    this.#inbound = new Inbound(connection, this.#reader)
    this.#outbound = new Outbound(connection, context.slabs, this.coverage, () => this.#emptied())
    this.resumeHandshake()
    connection.handler = this
    this.#admission.start()
  }

  get address(): string {
    return this.#connection.remote
  }

  /** Undefined until the handshake is over. */
  get peer(): Peer | undefined {
    return this.#peer
  }

  /** The peer waits for us, not we for it: its handshake may take as long as it takes until `resumeHandshake`. */
  suspendHandshake(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** The time for the rest of the handshake begins now. */
  resumeHandshake(): void {
    const { handshakeTimeout } = this.#context.options
    if (this.#over || handshakeTimeout === Infinity) return
    this.#timer = setTimeout(() => setImmediate(() => this.#late()), handshakeTimeout).unref()
  }

  /** Ends at once; what is in the pipe stays there, what was written may arrive. Idempotent. */
  destroy(error?: Error): void {
    if (this.#over) return
    this.#error ??= error
    this.#connection.destroy()
    this.#close()
  }

  /** Bytes that had arrived when the connection ended, and are not decoded: they wait until the pipe is empty. */
  get left(): number {
    return this.#phase === 'left' ? this.#inbound.held : 0
  }

  /** Decodes what is left, up to the mark or one message of several parts. Returns what the peer did wrong in it, after which nothing is left. */
  readLeft(): Error | undefined {
    if (this.#phase !== 'left' || this.#inbound.reading) return undefined
    let violation: Error | undefined
    try {
      do this.#inbound.readOn()
      while (this.#inbound.stopped && this.#pipe!.unread === 0)
    } catch (error) {
      if (!(error instanceof TypedMqError)) throw error
      violation = error
    }
    if (violation !== undefined || !this.#inbound.stopped) {
      this.#phase = 'closed'
      this.#inbound.discard()
    }
    return violation
  }

  /** Ends after so many milliseconds, unless it has ended by then. */
  destroyAfter(delay: number): void {
    if (this.#over) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.destroy(), delay).unref()
  }

  /**
   * Resolves once the peer has everything that is in the pipe now: a PING after it was answered.
   * A peer older than ZMTP 3.1 knows no PING: there it is enough that the kernel has it.
   */
  sync(): Promise<void> {
    if (this.#phase !== 'open') return Promise.reject(new StateError('the connection is gone'))
    const synced = this.#barriers.add(this.coverage.written + this.#pipe!.waiting)
    if (this.#beating) this.#outbound.ping()
    this.#track()
    return synced
  }

  // What the connection tells.

  data(chunk: Buffer): void {
    this.#heartbeat?.heard()
    if (this.#over) return
    this.#guarded(() => {
      const rest = this.#admission?.greet(chunk) ?? chunk
      if (rest.length > 0) this.#inbound.feed(rest)
    })
  }

  get room(): Buffer | undefined {
    return this.#inbound.room
  }

  drain(): void {
    this.#heartbeat?.heard()
    this.#outbound.drained()
  }

  /** The peer is leaving: it has said all, and hears no more. */
  ended(): void {
    if (this.#over) return
    if (this.#outbound.blocked) this.#connection.destroy()
    else this.#connection.end()
    this.#leftEarly()
    this.#close()
  }

  closed(error?: Error): void {
    this.#seenOff = this.#phase === 'draining' && error === undefined
    this.#error ??= error
    this.#leftEarly()
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
    // Two bytes can become a part of 100: what is left undecoded is counted, and must not grow much by being read.
    if (this.#phase === 'left') return this.#pipe!.push(message) && isSingle(message)
    if (this.#phase === 'admission') this.#admission!.message(message as Frame)
    return this.#reads
  }

  command(body: Frame): boolean {
    if (this.#phase === 'open') this.#obey(body)
    else if (this.#phase === 'admission') this.#admission!.command(body)
    else if (this.#phase === 'left') this.#obeyLeft(body)
    return this.#reads
  }

  // What the heartbeat asks.

  /**
   * What we write to a peer that has left makes its system throw away what we have not read yet. A peer that does not
   * wait for our beats therefore gets one only when its answer would tell us something that we can read.
   */
  beat(heard: boolean): boolean {
    // Of a peer that cannot be asked only a blocked write is known, which needs no answer.
    if (!this.#asks) return true
    const needless = this.#inbound.paused || (heard && this.coverage.uncovered === 0)
    if (needless && !this.#awaited) return false
    this.#outbound.ping()
    return true
  }

  get patience(): number {
    const { heartbeatTimeout, stallTimeout } = this.#context.options
    if (this.#inbound.paused) return Infinity
    if (this.#excused) return stallTimeout
    return this.#asks ? heartbeatTimeout : Infinity
  }

  /** A long message on a slow link: its PING waits behind it. */
  moved(): boolean {
    const { untaken } = this.#connection
    const moved = untaken < this.#untaken
    this.#untaken = untaken
    return moved
  }

  silent(patience: number): void {
    const meanwhile = this.#excused ? ', with messages in flight (stallTimeout)' : ''
    this.destroy(new TimeoutError(`nothing heard for ${patience} ms${meanwhile}`))
  }

  /**
   * Whether the peer may be silent and alive: it does not read what we sent, and with it our PINGs. That is in the buffers
   * of the systems, if our write is not blocked.
   */
  get #excused(): boolean {
    if (!this.#asks) return this.#outbound.blocked
    return this.coverage.uncovered > 0 && !this.coverage.owed && !this.#beatsWhenPaused
  }

  /** Whether the peer answers PINGs. */
  get #beating(): boolean {
    return this.#phase === 'open' && this.#peer?.protocol === '3.1'
  }

  /** Whether the heartbeat sends PINGs. */
  get #asks(): boolean {
    return this.#beating && this.#context.options.heartbeatInterval !== Infinity
  }

  get #beatsWhenPaused(): boolean {
    return this.#peer?.metadata.has(BEATS_WHEN_PAUSED.toLowerCase()) === true
  }

  /** Whether the peer may give us up for silence. */
  get #awaited(): boolean {
    return this.#pinged || this.#beatsWhenPaused
  }

  get #over(): boolean {
    return this.#phase === 'closed' || this.#phase === 'left'
  }

  get #reads(): boolean {
    if (this.#phase === 'left') return true
    if (this.#outbound.pendingCommands >= PENDING_COMMANDS) return false
    if (this.#phase === 'admission') return this.#admission!.reads
    return this.#phase !== 'closed'
  }

  /** Called when all that had come in time has been read: our own event loop may have been held up. */
  #late(): void {
    if (this.#peer !== undefined) return
    this.destroy(new TimeoutError(`no handshake within ${this.#context.options.handshakeTimeout} ms`))
  }

  #leftEarly(): void {
    if (this.#phase === 'admission') this.#error ??= new ProtocolError('the peer left during the handshake')
  }

  // What the admission asks and tells.

  say(frames: readonly Frame[]): void {
    this.#outbound.say(frames)
  }

  refuses(peer: Peer): string | undefined {
    return this.#owner.refuses(peer)
  }

  authenticate(peer: Peer, credentials: Credentials): Verdict | Promise<Verdict> {
    return this.#owner.authenticate(peer, credentials)
  }

  decided(verdict: Verdict): void {
    this.#guarded(() => {
      this.#admission?.decide(verdict)
      this.#inbound.readOn()
    })
  }

  /** The handshake's timer ends a peer that does not leave too. */
  refused(error: Error): void {
    this.#error ??= error
    this.#phase = 'draining'
    this.#connection.end()
  }

  admitted(peer: Peer, cipher: Cipher | undefined): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { options, type } = this.#context
    this.#peer = peer
    this.#limits.maxMessageSize = options.maxMessageSize
    this.#limits.maxParts = options.maxParts
    if (cipher !== undefined) {
      this.#reader.openWith(cipher)
      this.#outbound.sealWith(cipher)
    }
    this.#phase = 'open'
    this.#admission = undefined
    const { heartbeatInterval, heartbeatTimeout, stallTimeout } = options
    if (this.#asks || stallTimeout !== Infinity)
      this.#heartbeat = new Heartbeat(this, Math.min(heartbeatInterval, heartbeatTimeout, stallTimeout))
    const pipe = this.#owner.opened(peer)
    this.#pipe = pipe
    pipe.owner = this
    this.#inbound.attach(pipe)
    this.#trace = this.#traceOf(pipe, peer)
    if (this.#trace !== undefined) {
      // Ahead of all messages: the peer should know by then what their times mean.
      this.#outbound.command(this.#trace.clockId())
      this.#outbound.flush()
    }
    this.#outbound.attach(pipe, this.#beating && (type === 'SUB' || type === 'XSUB'), this.#trace)
    if (this.#trace?.compares) this.#outbound.ping()
    if (pipe.closed) this.detached()
  }

  /** A command after the handshake. Unknown ones are ignored, so that later versions may have more. */
  #obey(body: Frame): void {
    const { name, data } = decodeCommand(body)
    switch (name) {
      case 'PING':
        this.#pinged = true
        this.#outbound.command(encodeCommand('PONG', decodePing(data)))
        if (this.#trace?.compares) this.#outbound.command(this.#trace.time())
        break
      case 'PONG':
        if (this.coverage.answered(data)) this.#trace?.answered(this.coverage.roundTrip!)
        this.#track()
        // That PING went before all that is waited for.
        if (this.#barriers.standing) this.#outbound.ping()
        break
      case 'SUBSCRIBE':
        this.#subscription(1, data)
        break
      case 'CANCEL':
        this.#subscription(0, data)
        break
      case 'TRACE':
        this.#trace?.announced(data)
        break
      case 'CLOCK':
        this.#trace?.told(data)
        break
      case 'CLOCK-ID':
        this.#trace?.identified(data)
        break
      case 'ERROR':
        throw new ProtocolError(`the peer reports: ${decodeError(data)}`, { fatal: true })
      case 'READY':
        throw new ProtocolError('a second READY')
    }
  }

  /** Of what a peer that has disconnected said, only what belongs to its messages still matters. */
  #obeyLeft(body: Frame): void {
    const { name, data } = decodeCommand(body)
    if (name === 'TRACE') this.#trace?.announced(data)
  }

  /** Both ends have to say that they trace: another peer's TRACE is a command that we do not know. */
  #traceOf(pipe: Pipe, peer: Peer): SessionTrace | undefined {
    const theirs = peer.metadata.get(TRACES.toLowerCase())
    if (!(pipe instanceof TracedPipe) || theirs === undefined || !this.#beating) return undefined
    const trace = new SessionTrace(this.#context.metadata.get(TRACES)!, theirs)
    pipe.tracer = trace
    pipe.far.clock = trace
    return trace
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
      // It was the commands that had stopped us, not the mark.
      if (this.#inbound.stopped && this.#pipe!.hasRoom()) this.writable()
    } else if (this.#phase === 'draining' && this.#pipe !== undefined) {
      this.#connection.end()
    }
  }

  /** More has been written, or is known to have arrived. */
  #track(): void {
    const { uncovered } = this.coverage
    this.#pipe!.cover(uncovered)
    if (uncovered > 0 && this.#beating && this.#context.options.dispatch === 'least-queued')
      this.#outbound.cover()
    this.#barriers.reached(this.#beating ? this.coverage.covered : this.coverage.written)
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

  /** All ends meet here. What had arrived before the end still counts, within the marks. */
  #close(): void {
    if (this.#over) return
    const pipe = this.#pipe
    const leaves = this.#phase === 'open' && !(this.#error instanceof ProtocolError)
    this.#phase = leaves ? 'left' : 'closed'
    this.#admission?.stop()
    clearTimeout(this.#timer)
    this.#heartbeat?.stop()
    this.#outbound.stop()
    this.#inbound.end()
    // While messages wait at the mark nothing more is decoded; it may have been our own commands that stopped us.
    if (!leaves) this.#inbound.discard()
    else if (pipe!.hasRoom() || pipe!.unread === 0) this.#error ??= this.readLeft()
    this.#barriers.fail(new StateError('the connection was lost'))
    pipe?.close()
    // A pipe from which something is still to be read must not keep us, with half of a long message perhaps.
    if (pipe !== undefined) pipe.owner = NOBODY
    this.#owner.ended({ error: this.#error, possiblyLost: this.#seenOff ? 0 : this.coverage.uncovered })
  }
}
