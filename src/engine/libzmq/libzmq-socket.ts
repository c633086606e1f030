/** One socket of the engine on libzmq: the seam's calls, handed to the parts that do them. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Dialling, DiallingOwner } from '../../dialling.ts'
import { ClosedError } from '../../errors.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import type { SocketType } from '../../socket-type.ts'
import { CANCEL, SUBSCRIBE, type SubscriptionKind, subscriptionMessage } from '../../subscription-message.ts'
import { ConditionWaits } from '../condition-waits.ts'
import { Drops } from '../drops.ts'
import type {
  CloseReport,
  CoreOptions,
  EngineSocket,
  OperationOptions,
  PeerInfo,
  SocketStats,
} from '../engine.ts'
import { createEvents, type SocketEvents } from '../events.ts'
import { CONVERSIONS, type Conversion } from './conversions.ts'
import { isInproc } from './endpoint-checks.ts'
import { Endpoints } from './endpoints.ts'
import type { InprocNames } from './inproc-names.ts'
import { NATIVE_SUBSCRIBE, NATIVE_UNSUBSCRIBE, type NativeSocket } from './native.ts'
import { Peers, UNKNOWN } from './peers.ts'
import { Receives } from './receives.ts'
import { Sends } from './sends.ts'
import { SubscriptionCounts } from './subscription-counts.ts'

/** Milliseconds in which a peer that has come has made its first subscriptions known. */
const SETTLE_TIME = 100
/** setTimeout's range. */
const MAX_DELAY = 2 ** 31 - 1

export class LibzmqSocket<Type extends SocketType> implements EngineSocket<Type> {
  readonly type: Type
  readonly sink: Sends<Type>
  readonly source: Receives<Incoming<Type>>
  readonly events: SocketEvents = createEvents()
  readonly #options: CoreOptions
  readonly #native: NativeSocket
  readonly #peers: Peers
  readonly #conditions = new ConditionWaits()
  readonly #drops = new Drops(this.events)
  readonly #conversion: Conversion<Outgoing<Type>, Incoming<Type>>
  readonly #endpoints: Endpoints
  /** Of this socket itself. */
  readonly #subscriptions = new SubscriptionCounts()
  #closing: Promise<CloseReport> | undefined

  constructor(type: Type, options: CoreOptions, native: NativeSocket, names: InprocNames) {
    this.type = type
    this.#options = options
    this.#native = native
    this.#peers = new Peers(type)
    this.#conversion = CONVERSIONS[type]({ options, drops: this.#drops, conditions: this.#conditions })
    this.sink = new Sends(type, options, native, this.#conversion, this.#drops)
    this.source = new Receives(type, native, this.#conversion, options.receiveHighWaterMark)
    this.#endpoints = new Endpoints({
      options,
      native,
      names,
      events: this.events,
      peers: this.#peers,
      sender: this.sink.native,
      poll: () => this.#poll(),
      peersChanged: () => this.#peersChanged(),
    })
  }

  get peers(): readonly PeerInfo[] {
    return this.#peers.all
  }

  get peerCount(): number {
    return this.#peers.count
  }

  get endpoints(): readonly string[] {
    return this.#endpoints.bound
  }

  stats(): Omit<SocketStats, 'invalid'> {
    const { counts, total } = this.#drops
    const { sent, sentBytes } = this.sink.native
    const { received, receivedBytes } = this.source
    return {
      traffic: { ...UNKNOWN, sent, sentBytes, received, receivedBytes, dropped: total },
      dropped: counts,
      possiblyLost: undefined,
      departed: undefined,
      reconnections: this.#endpoints.monitor.reconnections,
      sendDelay: undefined,
      receiveDelay: undefined,
      trace: undefined,
      peers: this.peers,
    }
  }

  bind(endpoint: string, signal?: AbortSignal): Promise<string> {
    return this.#endpoints.bind(endpoint, signal)
  }

  unbind(endpoint: string): Promise<void> {
    return this.#endpoints.unbind(endpoint)
  }

  connect(endpoint: string): void {
    this.#endpoints.connect(endpoint)
  }

  dial(addresses: readonly string[], owner: DiallingOwner): Dialling {
    return this.#endpoints.dial(addresses, owner)
  }

  disconnect(endpoint: string): void {
    this.#endpoints.disconnect(endpoint)
  }

  connected(count: number, options?: OperationOptions): Promise<void> {
    return this.#conditions.until(() => this.#peers.count >= count, options, `${count} peers`)
  }

  /** A late answer to a request without an id would be taken for the next one's, so a `strict` one that is given up ends its connection. */
  revoke(out: Outgoing<Type>): boolean {
    const { forget } = this.#conversion
    const message = forget === undefined ? this.#conversion.outgoing(out) : this.#conversion.forget!(out)
    if (message === undefined) return false
    if (this.sink.native.revoke(message)) return true
    if (forget !== undefined && this.#options.strict) this.#endpoints.dialAnew()
    return false
  }

  /** libzmq tells its publishers of each one, and of the last cancellation only; we tell of the first. */
  subscribe(prefix: Uint8Array): void {
    if (this.#closing !== undefined) throw new ClosedError()
    if (this.#subscriptions.add(prefix) === 1) this.#tell(SUBSCRIBE, prefix)
  }

  unsubscribe(prefix: Uint8Array): void {
    if (this.#closing !== undefined) throw new ClosedError()
    if (this.#subscriptions.delete(prefix) === 0) this.#tell(CANCEL, prefix)
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
    const { subscribers } = this.#conversion
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
    const refused = this.sink.close(error)
    if (refused > 0) this.#drops.add('linger', refused, undefined)
    const unread = this.source.close(error)
    if (unread > 0) this.#drops.add('unread', unread, undefined)
    this.#conditions.close(error)
    // `close` has returned by now: a listener may call it again.
    await undefined
    this.#endpoints.close()
    // Without messages nothing is waited for; libzmq would wait for subscriptions whose publisher is away.
    const patience = this.sink.native.sent === 0 ? 0 : linger
    this.#native.linger = patience === Infinity ? -1 : Math.ceil(patience)
    const begun = performance.now()
    this.#native.close()
    this.#endpoints.closed()
    const ended = await this.#ended(patience)
    const early = ended && performance.now() - begun < linger
    const report = this.#report(early, refused)
    this.#drops.close()
    this.events.emit('close', report)
    return report
  }

  /** An inproc connection ends when the other socket has read it empty, whatever linger says: that is not waited for. */
  async #ended(patience: number): Promise<boolean> {
    const { all, monitor } = this.#endpoints
    const ended = monitor.ended.then(() => true)
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
    if (this.sink.native.sent === 0) return { flushed: 0, dropped: refused }
    return { flushed: undefined, dropped: early ? refused : undefined }
  }

  /** libzmq attaches peers, and lets go of them, only in calls and while it is polled. */
  #poll(): boolean {
    if (this.#closing !== undefined) return false
    const unread = this.#native.readable || !this.source.empty
    this.sink.native.wakeReceive()
    if (this.source.empty) this.source.fetch()
    return unread
  }

  #peersChanged(): void {
    this.#poll()
    this.#conditions.changed()
    if (this.type === 'REQ' && this.#peers.count === 0) void this.#lose()
  }

  /** With several peers libzmq does not tell which one was asked; with none left it is clear that no answer will come. */
  async #lose(): Promise<void> {
    // What was answered before can still be received.
    while (this.#closing === undefined && this.#native.readable) {
      this.sink.native.wakeReceive()
      this.source.fetch()
      await delay(1)
    }
    if (this.#peers.count > 0) return
    this.#conversion.loseAll!()
    this.source.deliver()
  }

  #tell(kind: SubscriptionKind, prefix: Uint8Array): void {
    if (this.type === 'SUB')
      this.#native.setStringOption(kind === SUBSCRIBE ? NATIVE_SUBSCRIBE : NATIVE_UNSUBSCRIBE, prefix)
    else this.sink.native.send(subscriptionMessage(kind, prefix)).catch(() => {})
  }
}
