/** One socket of the engine on libzmq: the seam's calls, handed to the parts that do them. */
import { setTimeout as delay } from 'node:timers/promises'
import { AddressError, ClosedError, MessageSizeError } from '../../errors.ts'
import { byteLengthOf, type Frame, type Message, messageOf, partsOf } from '../../message.ts'
import type { SocketType } from '../../socket-type.ts'
import type { CloseReport, CoreOptions, EngineSocket, PeerInfo, SocketStats } from '../engine.ts'
import { createEvents, type SocketEvents } from '../events.ts'
import { Conditions } from './conditions.ts'
import type { OperationOptions } from './deadline.ts'
import { Drops } from './drops.ts'
import { checkEndpoint, endpointError, isInproc, lastBound, refuseLive } from './endpoints.ts'
import type { InprocEnd, InprocNames } from './inproc-names.ts'
import { checkClear } from './libzmq-security.ts'
import { Monitor } from './monitor.ts'
import { codeOf, type NativeSocket, SUBSCRIBE, UNSUBSCRIBE } from './native.ts'
import { Peers } from './peers.ts'
import { Receiver } from './receiver.ts'
import { Requests } from './requests.ts'
import { RoutedSender } from './routed-sender.ts'
import { Sender } from './sender.ts'
import { isNotice, SUBSCRIBED, Subscribers } from './subscribers.ts'

/** setTimeout's range. */
const MAX_DELAY = 2 ** 31 - 1

export interface LibzmqSocketParts {
  readonly type: SocketType
  readonly options: CoreOptions
  readonly native: NativeSocket
  readonly names: InprocNames
  /** Called once, when libzmq has let go of the socket. */
  readonly gone: (socket: LibzmqSocket) => void
}

export class LibzmqSocket implements EngineSocket, InprocEnd {
  readonly type: SocketType
  readonly events: SocketEvents = createEvents()
  lost?: (message: Message) => void

  readonly #parts: LibzmqSocketParts
  readonly #native: NativeSocket
  readonly #peers: Peers
  readonly #monitor: Monitor
  readonly #sender: Sender | RoutedSender
  readonly #receiver: Receiver
  readonly #conditions = new Conditions()
  readonly #drops = new Drops(this.events)
  readonly #subscribers = new Subscribers()
  readonly #requests: Requests | undefined
  readonly #bound = new Set<string>()
  readonly #dialled = new Set<string>()
  readonly #traffic = { sent: 0, sentBytes: 0, received: 0, receivedBytes: 0 }
  #closing: Promise<CloseReport> | undefined

  constructor(parts: LibzmqSocketParts) {
    const { type, options, native } = parts
    this.type = type
    this.#parts = parts
    this.#native = native
    this.#peers = new Peers(type)
    this.#requests = type === 'REQ' ? new Requests() : undefined
    this.#monitor = new Monitor(
      { events: this.events, peers: this.#peers, peersChanged: () => this.#peersChanged() },
      native,
    )
    this.#sender = this.#createSender()
    this.#receiver = new Receiver(native, {
      translate: parts => this.#translate(parts),
      received: (messages, bytes) => {
        this.#traffic.received += messages
        this.#traffic.receivedBytes += bytes
      },
      mark: options.receiveHighWaterMark,
      eager: type === 'PUB' || type === 'XPUB',
    })
  }

  get peers(): readonly PeerInfo[] {
    return this.#peers.all
  }

  stats(): Omit<SocketStats, 'invalid'> {
    return {
      traffic: {
        queued: undefined,
        queuedBytes: undefined,
        waiting: undefined,
        ...this.#traffic,
        dropped: this.#drops.total,
      },
      dropped: this.#drops.byCause,
      possiblyLost: undefined,
      reconnections: this.#monitor.reconnections,
      peers: this.#peers.all,
    }
  }

  async bind(endpoint: string, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted()
    this.#checkOpen()
    const { ipv6 } = checkEndpoint(endpoint, false)
    if (endpoint.startsWith('ipc:')) await refuseLive(endpoint)
    signal?.throwIfAborted()
    this.#checkOpen()
    try {
      if (ipv6) this.#native.ipv6 = true
      this.#native.bindSync(endpoint)
    } catch (error) {
      throw endpointError(endpoint, 'bind', error)
    }
    const real = lastBound(this.#native, endpoint)
    this.#bound.add(real)
    this.#sender.kick()
    this.events.emit('bind', { endpoint: real })
    if (isInproc(real)) this.#parts.names.bind(real, this)
    return real
  }

  async unbind(endpoint: string): Promise<void> {
    this.#checkOpen()
    this.#release(endpoint, this.#bound, 'bound')
    if (isInproc(endpoint)) this.#parts.names.unbind(endpoint)
    else await this.#monitor.listenerClosed(endpoint)
  }

  connect(endpoint: string): void {
    this.#checkOpen()
    const { ipv6 } = checkEndpoint(endpoint, true)
    checkClear(this.#parts.options, endpoint)
    try {
      if (ipv6) this.#native.ipv6 = true
      this.#native.connect(endpoint)
    } catch (error) {
      throw endpointError(endpoint, 'connect', error)
    }
    this.#dialled.add(endpoint)
    this.#sender.kick()
    if (isInproc(endpoint)) this.#parts.names.connect(endpoint, this)
  }

  disconnect(endpoint: string): void {
    this.#checkOpen()
    this.#release(endpoint, this.#dialled, 'connected')
    if (isInproc(endpoint)) this.#parts.names.disconnect(endpoint, this)
    else this.#monitor.disconnected(endpoint)
    // The rest of the disconnection is commands between libzmq's threads, carried out while somebody polls.
    this.#receiver.fetch()
  }

  connected(count: number, options?: OperationOptions): Promise<void> {
    return this.#wait(() => this.#peers.count >= count, options, `fewer than ${count} peers were there`)
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    const refusal = this.#refusal(message, options)
    if (refusal !== undefined) return Promise.reject(refusal)
    if (this.#requests === undefined) return this.#sender.send(message, options)
    this.#requests.add(message)
    return this.#sender.send(message, options).catch(error => {
      this.#requests!.forget(message)
      throw error
    })
  }

  trySend(message: Message): boolean {
    const refusal = this.#refusal(message, undefined)
    if (refusal !== undefined) throw refusal
    if (!this.#sender.trySend(message)) return false
    this.#requests?.add(message)
    return true
  }

  receive(options?: OperationOptions): Message | Promise<Message> {
    if (this.#closing !== undefined) return Promise.reject(new ClosedError())
    return this.#receiver.receive(options)
  }

  tryReceive(): Message | undefined {
    this.#checkOpen()
    return this.#receiver.tryReceive()
  }

  revoke(message: Message): boolean {
    const abandoned = this.#requests?.forget(message) === true
    if (this.#sender.revoke(message)) return true
    // A late answer to a request without an id would be taken for the next one's: a new connection cannot bring it.
    if (abandoned && this.#parts.options.strict) this.#dialAnew()
    return false
  }

  subscribe(prefix: Uint8Array): void {
    this.#subscription(SUBSCRIBE, prefix)
  }

  unsubscribe(prefix: Uint8Array): void {
    this.#subscription(UNSUBSCRIBE, prefix)
  }

  /** The subscriptions are on their way: libzmq does not tell when they have arrived. */
  ready(options?: OperationOptions): Promise<void> {
    this.#receiver.fetch()
    return this.#wait(() => this.#peers.count >= 1, options, 'no publisher was there')
  }

  /** Counts subscriptions, but no more than there are peers: libzmq does not tell whose a subscription is. */
  subscribed(count: number, topic?: Uint8Array, options?: OperationOptions): Promise<void> {
    return this.#wait(
      () => Math.min(this.#subscribers.count(topic), this.#peers.count) >= count,
      options,
      `fewer than ${count} peers were subscribed`,
    )
  }

  close({
    linger = this.#parts.options.linger,
  }: {
    readonly linger?: number | undefined
  } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(linger)
    return this.#closing
  }

  came(endpoint: string, dialled: boolean): void {
    this.#monitor.peerCame(endpoint, dialled)
  }

  gone(endpoint: string): void {
    if (this.#closing !== undefined) return
    this.#monitor.peerGone(endpoint)
    // libzmq ends the connection only when somebody here polls.
    this.#receiver.fetch()
  }

  redial(endpoint: string): void {
    if (this.#closing === undefined) this.#native.connect(endpoint)
  }

  async #close(linger: number): Promise<CloseReport> {
    const closed = new ClosedError()
    const refused = this.#sender.close(closed)
    this.#drops.add('linger', refused)
    this.#drops.add('unread', this.#receiver.close(closed))
    this.#conditions.close(closed)
    // libzmq would give these names back a little later.
    for (const endpoint of this.#bound) if (isInproc(endpoint)) this.#native.disconnect(endpoint)
    // Subscriptions for a publisher that is away would be waited for, too.
    this.#native.linger = this.#traffic.sent === 0 ? 0 : linger === Infinity ? -1 : Math.ceil(linger)
    const begun = performance.now()
    this.#native.close()
    this.#parts.names.close(this)
    const ended = await this.#ended(linger)
    const report = this.#report(ended && performance.now() - begun < linger, refused)
    this.#parts.gone(this)
    this.events.emit('close', report)
    return report
  }

  /** An inproc connection ends when the other socket has read it empty, whatever linger says: that is not waited for. */
  async #ended(linger: number): Promise<boolean> {
    const endpoints = [...this.#bound, ...this.#dialled]
    if (!endpoints.some(isInproc)) return this.#monitor.ended.then(() => true)
    if (endpoints.every(isInproc)) return true
    const timer = new AbortController()
    const over = delay(Math.min(linger, MAX_DELAY), false, { signal: timer.signal }).catch(() => false)
    const ended = await Promise.race([this.#monitor.ended.then(() => true), over])
    timer.abort()
    return ended
  }

  /** libzmq counts nothing, but it ends before linger is over only when all is with the kernel. */
  #report(early: boolean, refused: number): CloseReport {
    if (this.#traffic.sent === 0) return { flushed: 0, dropped: refused }
    return { flushed: undefined, dropped: early ? refused : undefined }
  }

  #createSender(): Sender | RoutedSender {
    const { native, options } = this.#parts
    const sent = (messages: number, bytes: number) => {
      this.#traffic.sent += messages
      this.#traffic.sentBytes += bytes
    }
    if (this.type !== 'ROUTER' && this.type !== 'REP') return new Sender(native, { sent })
    const reply = this.type === 'REP'
    return new RoutedSender(native, {
      sent,
      unknown: options.mandatory && !reply ? 'reject' : 'drop',
      full: reply ? 'drop' : options.onFull === 'wait' ? 'wait' : options.mandatory ? 'reject' : 'drop',
      dropped: cause => this.#drops.add(cause),
    })
  }

  /** What the application is shown of what libzmq received. */
  #translate(parts: readonly Frame[]): Message | undefined {
    switch (this.type) {
      case 'REQ':
        return this.#accept(parts, this.#requests!.refuse(parts))
      case 'REP':
        return this.#accept(
          parts,
          parts.some((part, index) => index > 0 && part.length === 0) ? undefined : 'malformed',
        )
      case 'PUB':
      case 'XPUB':
        return this.#notice(parts)
      case 'ROUTER':
        return parts
      default:
        return messageOf(parts)
    }
  }

  #accept(parts: readonly Frame[], fault: 'malformed' | 'late-answer' | undefined): Message | undefined {
    if (fault === undefined) return parts
    this.#drops.add(fault)
    return undefined
  }

  #notice(parts: readonly Frame[]): Message | undefined {
    let shown = true
    if (isNotice(parts)) {
      const news = this.#subscribers.note(parts[0]!)
      shown = news || (this.#parts.options.verbose && parts[0]![0] === SUBSCRIBED)
      this.#conditions.check()
    }
    return shown && this.type === 'XPUB' ? messageOf(parts) : undefined
  }

  #peersChanged(): void {
    this.#conditions.check()
    if (this.#peers.count > 0 || this.#requests === undefined) return
    // With several peers libzmq does not tell which one was asked; with none left it is clear that nobody will answer.
    for (const message of this.#requests.takeAll()) this.lost?.(message)
  }

  #subscription(option: number, prefix: Uint8Array): void {
    this.#checkOpen()
    if (this.type === 'SUB') this.#native.setStringOption(option, prefix)
    else void this.send(Buffer.concat([Buffer.from([option === SUBSCRIBE ? 1 : 0]), prefix]))
  }

  #dialAnew(): void {
    for (const endpoint of this.#dialled) {
      this.disconnect(endpoint)
      this.connect(endpoint)
    }
  }

  #release(endpoint: string, held: Set<string>, state: 'bound' | 'connected'): void {
    checkEndpoint(endpoint, false)
    if (!held.delete(endpoint)) throw new AddressError(endpoint, `not ${state} to "${endpoint}"`)
    try {
      this.#native.disconnect(endpoint)
    } catch (error) {
      // An inproc connection whose other end has gone.
      if (codeOf(error) !== 'ENOENT') throw error
    }
    this.#sender.kick()
  }

  #refusal(message: Message, options: OperationOptions | undefined): unknown {
    if (this.#closing !== undefined) return new ClosedError()
    if (options?.signal?.aborted === true) return options.signal.reason
    const { maxMessageSize, maxParts } = this.#parts.options
    const bytes = byteLengthOf(message)
    if (bytes > maxMessageSize)
      return new MessageSizeError(`a message of ${bytes} bytes is over maxMessageSize, ${maxMessageSize}`)
    const count = message instanceof Uint8Array ? 1 : partsOf(message).length
    if (count > maxParts)
      return new MessageSizeError(`a message of ${count} parts is over maxParts, ${maxParts}`)
    return undefined
  }

  #wait(holds: () => boolean, options: OperationOptions | undefined, what: string): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new ClosedError())
    return this.#conditions.wait(holds, options, what)
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError()
  }
}
