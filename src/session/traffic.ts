/** A session whose peer is in: what its frames say, and what is known of those that we sent. */
import { ProtocolError } from '../errors.ts'
import { type Frame, inOwnMemory, isSingle, type Message } from '../message.ts'
import type { Peer } from '../peer/peer.ts'
import type { PeerIdentity } from '../peer-identity.ts'
import type { Queue } from '../queue/queue.ts'
import { CANCEL, SUBSCRIBE, type SubscriptionKind, subscriptionMessage } from '../subscription-message.ts'
import { decodeCommand, decodeError, decodePing, encodeCommand } from '../wire/command.ts'
import type { FrameSink } from '../wire/frame-reader.ts'
import { SALT_SIZE, TRACES } from '../wire/trace-command.ts'
import type { Delivery } from './delivery.ts'
import type { Outbound } from './outbound.ts'
import type { SessionContext } from './session-owner.ts'
import { SessionTrace } from './session-trace.ts'

/** Commands that may wait for a blocked connection; then we stop reading the peer that asks for more PONGs. */
const PENDING_COMMANDS = 64

export class Traffic implements FrameSink {
  readonly delivery: Delivery
  /** Whether the peer answers PINGs: older ones than ZMTP 3.1 do not know them. */
  readonly answersPings: boolean
  /** The peer has sent a PING: it has heartbeats. */
  pinged = false
  readonly #peer: Peer
  readonly #incoming: Queue
  readonly #context: SessionContext
  readonly #outbound: Outbound
  /** Undefined unless both ends trace. */
  readonly #trace: SessionTrace | undefined

  constructor(
    peer: Peer,
    identity: PeerIdentity,
    context: SessionContext,
    outbound: Outbound,
    delivery: Delivery,
  ) {
    this.#peer = peer
    this.#incoming = peer.incoming
    this.#context = context
    this.#outbound = outbound
    this.delivery = delivery
    this.answersPings = identity.protocol === '3.1'
    this.#trace = this.#traceOf(identity)
    peer.clock = this.#trace
  }

  /** From now on what is in the queue goes out. */
  start(): void {
    const { type } = this.#context
    const trace = this.#trace
    if (trace !== undefined) {
      // Ahead of all messages: the peer should know by then what their times mean.
      this.#outbound.command(trace.clockId())
      this.#outbound.flush()
    }
    const subscribing = this.answersPings && (type === 'SUB' || type === 'XSUB')
    this.#outbound.attach(this.#peer.outgoing, subscribing, trace !== undefined)
    if (trace?.compares) this.#outbound.ping()
  }

  // What the frame reader tells.

  message(message: Message): boolean {
    return this.#trace === undefined
      ? this.#incoming.push(message)
      : this.#incoming.push(message, this.#trace.takeStamp())
  }

  /** A command after the handshake. Unknown ones are ignored, so that later versions may have more. */
  command(body: Frame): boolean {
    const { name, data } = decodeCommand(body)
    switch (name) {
      case 'PING':
        this.pinged = true
        this.#outbound.command(encodeCommand('PONG', decodePing(data)))
        if (this.#trace?.compares) this.#outbound.command(this.#trace.time())
        break
      case 'PONG':
        if (this.delivery.answered(data)) this.#trace?.answered(this.delivery.roundTrip!)
        this.track()
        // That PING went before all that is waited for.
        if (this.delivery.awaited) this.#outbound.ping()
        break
      case 'SUBSCRIBE':
        this.#subscription(SUBSCRIBE, data)
        break
      case 'CANCEL':
        this.#subscription(CANCEL, data)
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
    return this.#outbound.pendingCommands < PENDING_COMMANDS
  }

  /** What arrived before the connection ended: messages, and of the commands only those that belong to them. */
  get remainder(): FrameSink {
    return {
      // Two bytes can become a part of 100: what is left undecoded is counted, and must not grow much by being read.
      message: message => this.message(message) && isSingle(message),
      command: body => {
        const { name, data } = decodeCommand(body)
        if (name === 'TRACE') this.#trace?.announced(data)
        return true
      },
    }
  }

  /** The socket is done with the peer. PINGs are not answered: a PONG would prove that the discarded messages arrived. */
  get farewell(): FrameSink {
    return {
      message: () => true,
      command: body => {
        const { name, data } = decodeCommand(body)
        if (name === 'PONG') this.delivery.answered(data)
        return true
      },
    }
  }

  /** Resolves once the peer has everything that is in the queue now; of one that answers no PINGs, once the kernel has it. */
  sync(): Promise<void> {
    const synced = this.delivery.until(this.delivery.written + this.#peer.outgoing.unread)
    if (this.answersPings) this.#outbound.ping()
    this.track()
    return synced
  }

  /** More has been written, or is known to have arrived. */
  track(): void {
    const { delivery } = this
    this.#peer.uncovered = delivery.uncovered
    if (!this.answersPings) {
      delivery.reached(delivery.written)
      return
    }
    if (delivery.uncovered > 0 && this.#context.options.dispatch === 'least-queued') this.#outbound.cover()
    delivery.reached(delivery.covered)
  }

  #subscription(kind: SubscriptionKind, prefix: Frame): void {
    const { type } = this.#context
    if (type !== 'PUB' && type !== 'XPUB') throw new ProtocolError(`a subscription at a ${type} socket`)
    this.#incoming.push(subscriptionMessage(kind, prefix))
  }

  /** Both ends have to say that they trace: another peer's TRACE is a command that we do not know. */
  #traceOf({ metadata }: PeerIdentity): SessionTrace | undefined {
    const ours = this.#context.metadata.get(TRACES)
    const theirs = metadata.get(TRACES.toLowerCase())
    if (ours === undefined || theirs?.length !== SALT_SIZE || !this.answersPings) return undefined
    // As the routing id, it is kept as long as messages of the peer are.
    return new SessionTrace(ours, inOwnMemory(theirs) as Frame)
  }
}
