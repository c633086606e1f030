/** One socket of the engine on libzmq: the seam's calls, handed to the parts that do them. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Dialling, DiallingOwner } from '../../dialling.ts'
import { ClosedError, MessageSizeError, StateError } from '../../errors.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import { byteLengthOf, type Message } from '../../message.ts'
import type { SocketType } from '../../socket-type.ts'
import { CANCEL, SUBSCRIBE, type SubscriptionKind, subscriptionMessage } from '../../subscription-message.ts'
import { ConditionWaits } from '../condition-waits.ts'
import { objection } from '../deadline.ts'
import { Drops } from '../drops.ts'
import type {
  CloseReport,
  CoreOptions,
  EngineSocket,
  OperationOptions,
  PeerInfo,
  ReceiveOptions,
  Sink,
  SocketStats,
  Source,
} from '../engine.ts'
import { createEvents, type SocketEvents } from '../events.ts'
import { Attachments } from './attachments.ts'
import { Diallings } from './dialling.ts'
import { isInproc } from './endpoints.ts'
import type { InprocNames } from './inproc-names.ts'
import { RECEIVERS, SENDERS } from './libzmq-options.ts'
import { Monitor } from './monitor.ts'
import { NATIVE_SUBSCRIBE, NATIVE_UNSUBSCRIBE, type NativeSocket } from './native.ts'
import { type NativePattern, PATTERNS } from './patterns.ts'
import { Peers } from './peers.ts'
import { Receiver } from './receiver.ts'
import type { RoutedSender } from './routed-sender.ts'
import type { Sender } from './sender.ts'
import { createSender } from './senders.ts'
import { Wanted } from './wanted.ts'

/** Milliseconds in which a peer that has come has made its first subscriptions known. */
const SETTLE_TIME = 100
/** setTimeout's range. */
const MAX_DELAY = 2 ** 31 - 1

export class LibzmqSocket<Type extends SocketType>
  implements EngineSocket<Type>, Sink<Outgoing<Type>>, Source<Incoming<Type>>
{
  readonly type: Type
  readonly sink = this
  readonly source = this
  readonly events: SocketEvents = createEvents()
  readonly #options: CoreOptions
  readonly #native: NativeSocket
  readonly #peers: Peers
  readonly #monitor: Monitor
  readonly #conditions = new ConditionWaits()
  readonly #drops = new Drops(this.events)
  readonly #pattern: NativePattern<Outgoing<Type>, Incoming<Type>>
  readonly #sender: Sender | RoutedSender
  readonly #receiver: Receiver<Incoming<Type>>
  readonly #attachments: Attachments
  #diallings: Diallings | undefined
  readonly #wanted = new Wanted()
  readonly #traffic = { sent: 0, sentBytes: 0, received: 0, receivedBytes: 0 }
  #closing: Promise<CloseReport> | undefined

  constructor(type: Type, options: CoreOptions, native: NativeSocket, names: InprocNames) {
    const { events } = this
    this.type = type
    this.#options = options
    this.#native = native
    this.#peers = new Peers(type)
    this.#pattern = PATTERNS[type]({
      options,
      dropped: cause => this.#drops.add(cause, 1, undefined),
      subscriptionsChanged: () => this.#conditions.changed(),
    })
    this.#sender = createSender(type, options, native, {
      dropped: cause => this.#drops.add(cause, 1, undefined),
      sent: bytes => {
        this.#traffic.sent++
        this.#traffic.sentBytes += bytes
      },
    })
    this.#receiver = this.#createReceiver()
    const kick = () => this.#sender.kick()
    const poll = () => this.#poll()
    const peersChanged = () => this.#peersChanged()
    const monitor = new Monitor({ events, peers: this.#peers, peersChanged, poll }, native)
    this.#monitor = monitor
    this.#attachments = new Attachments({ options, native, names, events, monitor, kick, poll })
  }

  get peers(): readonly PeerInfo[] {
    return this.#peers.all
  }

  get peerCount(): number {
    return this.#peers.count
  }

  get endpoints(): readonly string[] {
    return this.#attachments.bound
  }

  stats(): Omit<SocketStats, 'invalid'> {
    const { counts, total } = this.#drops
    const unknown = { queued: undefined, queuedBytes: undefined, waiting: undefined }
    return {
      traffic: { ...unknown, ...this.#traffic, dropped: total },
      dropped: counts,
      possiblyLost: undefined,
      departed: undefined,
      reconnections: this.#monitor.reconnections,
      sendDelay: undefined,
      receiveDelay: undefined,
      trace: undefined,
      peers: this.peers,
    }
  }

  bind(endpoint: string, signal?: AbortSignal): Promise<string> {
    return this.#attachments.bind(endpoint, signal)
  }

  unbind(endpoint: string): Promise<void> {
    return this.#attachments.unbind(endpoint)
  }

  connect(endpoint: string): void {
    this.#attachments.connect(endpoint)
  }

  dial(addresses: readonly string[], owner: DiallingOwner): Dialling {
    this.#diallings ??= new Diallings(this.#attachments, this.#options, this.events)
    return this.#diallings.dial(addresses, owner)
  }

  disconnect(endpoint: string): void {
    this.#attachments.disconnect(endpoint)
  }

  connected(count: number, options?: OperationOptions): Promise<void> {
    return this.#conditions.until(() => this.#peers.count >= count, options, `${count} peers`)
  }

  send(out: Outgoing<Type>, options?: OperationOptions): Promise<void> {
    const pattern = this.#pattern
    const message = pattern.outgoing(out)
    const problem = this.#problem(message) ?? objection(options)
    const sent = problem === undefined ? this.#sender.send(message, options) : Promise.reject(problem.reason)
    if (pattern.forget === undefined) return sent
    return sent.catch(error => {
      pattern.forget!(out)
      throw error
    })
  }

  trySend(out: Outgoing<Type>): boolean {
    const message = this.#pattern.outgoing(out)
    const problem = this.#problem(message)
    if (problem === undefined && this.#sender.trySend(message)) return true
    this.#pattern.forget?.(out)
    if (problem !== undefined) throw problem.reason
    return false
  }

  receive(options?: ReceiveOptions<Incoming<Type>>): Incoming<Type> | Promise<Incoming<Type>> {
    const problem = this.#closing === undefined ? objection(options) : { reason: new ClosedError() }
    if (problem !== undefined) return Promise.reject(problem.reason)
    return this.#receiver.receive(options)
  }

  tryReceive(): Incoming<Type> | undefined {
    if (this.#closing !== undefined) throw new ClosedError()
    if (!RECEIVERS.includes(this.type)) throw new StateError('this socket type cannot receive')
    return this.#receiver.tryReceive()
  }

  /** A late answer to a request without an id would be taken for the next one's, so a `strict` one that is given up ends its connection. */
  revoke(out: Outgoing<Type>): boolean {
    const { forget } = this.#pattern
    const message = forget === undefined ? this.#pattern.outgoing(out) : this.#pattern.forget!(out)
    if (message === undefined) return false
    if (this.#sender.revoke(message)) return true
    if (forget !== undefined && this.#options.strict) this.#attachments.dialAnew()
    return false
  }

  /** libzmq tells its publishers of each one, and of the last cancellation only; we tell of the first. */
  subscribe(prefix: Uint8Array): void {
    if (this.#closing !== undefined) throw new ClosedError()
    if (this.#wanted.add(prefix)) this.#tell(SUBSCRIBE, prefix)
  }

  unsubscribe(prefix: Uint8Array): void {
    if (this.#closing !== undefined) throw new ClosedError()
    if (this.#wanted.delete(prefix)) this.#tell(CANCEL, prefix)
  }

  /** The subscriptions are on their way: libzmq does not tell when they have arrived. */
  ready(options?: OperationOptions): Promise<void> {
    return this.#conditions.until(() => this.#peers.count >= 1, options, 'subscriptions at every peer')
  }

  /**
   * libzmq does not tell whose a subscription is. When several prefixes match they may be those of several peers or of one:
   * then it is enough that there are that many peers, and that no more has come for a while.
   */
  subscribed(count: number, topic?: Uint8Array, options?: OperationOptions): Promise<void> {
    const { subscribers } = this.#pattern
    let since: number | undefined
    const enough = () => {
      if (subscribers === undefined) return count <= 0
      if (subscribers.certain(topic) >= count) return true
      const possible = Math.min(subscribers.possible(topic), this.#peers.count) >= count
      if (possible && since !== undefined) return performance.now() - since >= SETTLE_TIME
      since = possible ? performance.now() : undefined
      if (possible) setTimeout(() => this.#conditions.changed(), SETTLE_TIME + 1)
      return false
    }
    return this.#conditions.until(enough, options, `${count} subscribers`)
  }

  close(options?: { readonly linger?: number | undefined }): Promise<CloseReport> {
    this.#closing ??= this.#close(options?.linger ?? this.#options.linger)
    return this.#closing
  }

  async #close(linger: number): Promise<CloseReport> {
    const error = new ClosedError()
    const refused = this.#sender.close(error)
    if (refused > 0) this.#drops.add('linger', refused, undefined)
    const unread = this.#receiver.close(error)
    if (unread > 0) this.#drops.add('unread', unread, undefined)
    this.#conditions.close(error)
    this.#attachments.close()
    // Without messages nothing is waited for; libzmq would wait for subscriptions whose publisher is away.
    const patience = this.#traffic.sent === 0 ? 0 : linger
    this.#native.linger = patience === Infinity ? -1 : Math.ceil(patience)
    const begun = performance.now()
    this.#native.close()
    this.#attachments.closed()
    const ended = await this.#ended(patience)
    const early = ended && performance.now() - begun < linger
    const report = this.#report(early, refused)
    this.#drops.close()
    this.events.emit('close', report)
    return report
  }

  /** An inproc connection ends when the other socket has read it empty, whatever linger says: that is not waited for. */
  async #ended(patience: number): Promise<boolean> {
    const { all } = this.#attachments
    const ended = this.#monitor.ended.then(() => true)
    if (!all.some(isInproc)) return ended
    if (all.every(isInproc)) return true
    const timer = new AbortController()
    const over = delay(Math.min(patience, MAX_DELAY), false, { signal: timer.signal }).catch(() => false)
    const first = await Promise.race([ended, over])
    timer.abort()
    return first
  }

  /** libzmq counts nothing, but it ends before linger is over only when all is with the kernel. */
  #report(early: boolean, refused: number): CloseReport {
    if (this.#traffic.sent === 0) return { flushed: 0, dropped: refused }
    return { flushed: undefined, dropped: early ? refused : undefined }
  }

  #createReceiver(): Receiver<Incoming<Type>> {
    return new Receiver(this.#native, {
      incoming: parts => this.#pattern.incoming(parts),
      loss: () => this.#pattern.takeLoss?.(),
      received: bytes => {
        this.#traffic.received++
        this.#traffic.receivedBytes += bytes
      },
      mark: this.#options.receiveHighWaterMark,
      eager: this.type === 'PUB' || this.type === 'XPUB',
    })
  }

  /** libzmq attaches what has come, and lets go of what has gone, only in calls and while somebody polls. */
  #poll(): boolean {
    if (this.#closing !== undefined) return false
    const unread = this.#native.readable || !this.#receiver.empty
    this.#sender.kick()
    if (this.#receiver.empty) this.#receiver.fetch()
    return unread
  }

  #peersChanged(): void {
    this.#poll()
    this.#conditions.changed()
    if (this.type === 'REQ' && this.#peers.count === 0) void this.#lose()
  }

  /** With several peers libzmq does not tell which one was asked; with none left it is clear that nobody will answer. */
  async #lose(): Promise<void> {
    // What was answered before can still be received.
    while (this.#closing === undefined && this.#native.readable) {
      this.#sender.kick()
      this.#receiver.fetch()
      await delay(1)
    }
    if (this.#peers.count > 0) return
    this.#pattern.loseAll!()
    this.#receiver.deliver()
  }

  #tell(kind: SubscriptionKind, prefix: Uint8Array): void {
    if (this.type === 'SUB')
      this.#native.setStringOption(kind === SUBSCRIBE ? NATIVE_SUBSCRIBE : NATIVE_UNSUBSCRIBE, prefix)
    else this.#sender.send(subscriptionMessage(kind, prefix)).catch(() => {})
  }

  #problem(message: Message): { readonly reason: unknown } | undefined {
    if (this.#closing !== undefined) return { reason: new ClosedError() }
    if (!SENDERS.includes(this.type)) return { reason: new StateError('this socket type cannot send') }
    const { maxMessageSize, maxParts } = this.#options
    const bytes = byteLengthOf(message)
    if (bytes > maxMessageSize) {
      return {
        reason: new MessageSizeError(`a message of ${bytes} bytes; maxMessageSize is ${maxMessageSize}`),
      }
    }
    if (!(message instanceof Uint8Array) && message.length > maxParts) {
      return { reason: new MessageSizeError(`a message of ${message.length} parts; maxParts is ${maxParts}`) }
    }
    return undefined
  }
}
