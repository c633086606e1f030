/** One socket of the ZMTP engine, as the seam shows it. */
import { crypto } from '../../builtin.ts'
import { ClosedError } from '../../errors.ts'
import type { Message } from '../../message.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import { NULL_SECURITY } from '../../security/null.ts'
import { BEATS_WHEN_PAUSED } from '../../session/session.ts'
import type { SocketType } from '../../socket-type.ts'
import type { Transport } from '../../transport/transport.ts'
import type { SlabPool } from '../../wire/slab-pool.ts'
import { TRACES } from '../../wire/trace-command.ts'
import { objection, withDeadline } from '../deadline.ts'
import type {
  CloseReport,
  Consumer,
  CoreOptions,
  EngineSocket,
  OperationOptions,
  PeerInfo,
  ReceiveOptions,
  SocketStats,
} from '../engine.ts'
import { createEvents, type SocketEvents } from '../events.ts'
import { Hub } from './hub.ts'
import type { Link } from './links.ts'
import { Peering } from './peering.ts'
import { TracedConsumer } from './traced-consumer.ts'
import { traceOfAll } from './traces.ts'

/** Some milliseconds of work. */
const UNREAD_A_TURN = 50_000

export class ZmtpSocket implements EngineSocket {
  readonly type: SocketType
  readonly events: SocketEvents = createEvents()
  readonly consumer?: (() => Consumer) | undefined
  readonly encoded?: ((message: Message, since: number) => void) | undefined
  readonly #options: CoreOptions
  readonly #hub: Hub
  readonly #peering: Peering
  #closing: Promise<CloseReport> | undefined

  constructor(
    type: SocketType,
    options: CoreOptions,
    transports: ReadonlyMap<string, Transport>,
    slabs: SlabPool,
  ) {
    this.type = type
    this.#options = options
    this.#hub = new Hub(type, options, this.events)
    const security = options.security ?? NULL_SECURITY
    const context = { type, options, slabs, security, metadata: ownMetadata(type, options) }
    this.#peering = new Peering(this.#hub, context, transports, this.events)
    const { receiver, tracer } = this.#hub
    this.consumer = tracer && (() => new TracedConsumer(receiver, tracer))
    this.encoded = tracer && ((message, since) => tracer.encoded(message, since))
  }

  get peers(): readonly PeerInfo[] {
    return this.#hub.links.connected.map(link => this.#hub.links.info(link))
  }

  get peerCount(): number {
    return this.#hub.links.connectedCount
  }

  get endpoints(): readonly string[] {
    return this.#peering.endpoints
  }

  stats(): Omit<SocketStats, 'invalid'> {
    const { traffic, ...rest } = this.#hub.links.stats()
    const { drops, tracer, departed } = this.#hub
    const trace = tracer && traceOfAll(tracer.times, rest.peers)
    const left = departed.stats()
    const total = {
      ...traffic,
      waiting: traffic.waiting! + left.messages,
      received: traffic.received! + departed.received,
      receivedBytes: traffic.receivedBytes! + departed.receivedBytes,
      dropped: drops.total,
    }
    return { ...rest, traffic: total, dropped: drops.counts, departed: left, trace }
  }

  set lost(lost: (message: Message) => void) {
    this.#hub.onLost = lost
  }

  async bind(endpoint: string, signal?: AbortSignal): Promise<string> {
    return this.#peering.bind(endpoint, signal)
  }

  unbind(endpoint: string): Promise<void> {
    return this.#peering.unbind(endpoint)
  }

  connect(endpoint: string): void {
    this.#peering.connect(endpoint)
  }

  disconnect(endpoint: string): void {
    this.#peering.disconnect(endpoint)
  }

  connected(count: number, options?: OperationOptions): Promise<void> {
    const { conditions, links } = this.#hub
    return conditions.until(
      () => links.connectedCount >= count,
      options,
      count === 1 ? 'no peer' : `fewer than ${count} peers`,
    )
  }

  send(message: Message, options?: OperationOptions): Promise<void> {
    return this.#hub.sender.send(message, options)
  }

  trySend(message: Message): boolean {
    return this.#hub.sender.trySend(message)
  }

  receive(options?: ReceiveOptions): Message | Promise<Message> {
    return this.#hub.receiver.receive(options)
  }

  tryReceive(): Message | undefined {
    return this.#hub.receiver.tryReceive()
  }

  revoke(message: Message): boolean {
    return this.#hub.strategy.revoke?.(message) ?? false
  }

  subscribe(prefix: Uint8Array): void {
    this.#hub.strategy.subscribe?.(prefix)
  }

  unsubscribe(prefix: Uint8Array): void {
    this.#hub.strategy.unsubscribe?.(prefix)
  }

  ready(options?: OperationOptions): Promise<void> {
    const problem = objection(options)
    if (problem !== undefined) return Promise.reject(problem.reason)
    const waiting = new WaitingList<undefined, void>().add(undefined)
    const over = new AbortController()
    this.#untilReady(over.signal).then(
      () => waiting.resolve(),
      error => waiting.cancel(error),
    )
    const ready = withDeadline(waiting, options, 'no answer to our subscriptions')
    // Whoever gave up waiting leaves nothing behind that waits for a peer.
    ready.catch(() => over.abort())
    return ready
  }

  subscribed(count: number, topic?: Uint8Array, options?: OperationOptions): Promise<void> {
    const { conditions, strategy } = this.#hub
    return conditions.until(
      () => (strategy.subscribers?.(topic) ?? 0) >= count,
      options,
      count === 1 ? 'no subscriber' : `fewer than ${count} subscribers`,
    )
  }

  close(options?: { readonly linger?: number | undefined }): Promise<CloseReport> {
    this.#closing ??= this.#close(options?.linger ?? this.#options.linger)
    return this.#closing
  }

  /** A peer that goes meanwhile is not waited for; one that comes has our subscriptions before anything else. */
  async #untilReady(signal: AbortSignal): Promise<void> {
    await this.connected(1, { signal })
    const syncs = this.#hub.links.connected.map(link => this.#synced(link, signal))
    const results = await Promise.allSettled(syncs)
    if (results.every(({ status }) => status === 'rejected')) await this.#untilReady(signal)
  }

  /** Again while subscriptions have found no room in the pipe. */
  async #synced({ pipe, session }: Link, signal: AbortSignal): Promise<void> {
    do await session?.sync()
    while (session !== undefined && !signal.aborted && this.#hub.strategy.isLate?.(pipe) === true)
  }

  async #close(linger: number): Promise<CloseReport> {
    const { conditions, drops, receiver, sender } = this.#hub
    const error = new ClosedError()
    sender.close(error)
    receiver.close(error)
    conditions.close(error)
    this.#peering.announceEnd()
    const begun = performance.now()
    const pending = this.#hub.pending
    if (pending > 0 && linger > 0) await this.#drained(linger)
    const dropped = this.#hub.abandon()
    if (dropped > 0) drops.add('linger', dropped, undefined)
    await this.#peering.close(linger - (performance.now() - begun))
    const unread = await this.#countUnread()
    if (unread > 0) drops.add('unread', unread, undefined)
    drops.close()
    const report = { flushed: pending - dropped, dropped }
    this.events.emit('close', report)
    return report
  }

  /** In turns: what was left undecoded may be some hundred thousand messages for each megabyte. */
  async #countUnread(): Promise<number> {
    const { strategy } = this.#hub
    let unread = 0
    for (;;) {
      if (strategy.receive?.() !== undefined) unread++
      else if (strategy.skipped !== true) return unread
      if (unread % UNREAD_A_TURN === 0 || strategy.skipped === true) await new Promise(setImmediate)
    }
  }

  /** Resolves once nothing is pending, or when linger is over. */
  #drained(linger: number): Promise<void> {
    return new Promise(resolve => {
      const timer = linger === Infinity ? undefined : setTimeout(resolve, linger)
      this.#hub.onLess = () => {
        if (this.#hub.pending > 0) return
        clearTimeout(timer)
        resolve()
      }
      for (const link of this.#hub.links) link.pipe.finish()
    })
  }
}

/** What READY says of us, in libzmq's spelling. */
function ownMetadata(type: SocketType, { routingId, trace }: CoreOptions): ReadonlyMap<string, Uint8Array> {
  const metadata = new Map([
    ['Socket-Type', Buffer.from(type)],
    ['Identity', Buffer.from(routingId as string)],
    [BEATS_WHEN_PAUSED, Buffer.from('1')],
  ])
  if (trace) metadata.set(TRACES, crypto().randomBytes(16))
  return metadata
}
