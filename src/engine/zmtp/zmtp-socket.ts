/** One socket of the ZMTP engine, as the seam shows it. */

import { crypto } from '../../builtin.ts'
import { copyOf, utf8 } from '../../bytes.ts'
import type { Dialling, DiallingOwner } from '../../dialling.ts'
import { ClosedError } from '../../errors.ts'
import type { Incoming, Outgoing } from '../../exchanged.ts'
import { RequestOutcome } from '../../outgoing-request.ts'
import type { Peer } from '../../peer/peer.ts'
import { WaitingList } from '../../queue/waiting-list.ts'
import { NULL_SECURITY } from '../../security/null.ts'
import { BEATS_WHEN_PAUSED } from '../../session/liveness.ts'
import type { SocketType } from '../../socket-type.ts'
import type { Transport } from '../../transport/transport.ts'
import type { SlabPool } from '../../wire/slab-pool.ts'
import { SALT_SIZE, TRACES } from '../../wire/trace-command.ts'
import { objection, withDeadline } from '../deadline.ts'
import type {
  CloseReport,
  Consumer,
  CoreOptions,
  EngineSocket,
  OperationOptions,
  PeerInfo,
  Sink,
  SocketStats,
  Source,
} from '../engine.ts'
import { createEvents, type SocketEvents } from '../events.ts'
import { Endpoints } from './endpoints.ts'
import { infoOf } from './peer-info.ts'
import { SocketCore } from './socket-core.ts'
import { TracedConsumer } from './traced-consumer.ts'
import { traceOfAll } from './traces.ts'

/** Some milliseconds of work. */
const UNREAD_A_TURN = 50_000

export class ZmtpSocket<Type extends SocketType> implements EngineSocket<Type> {
  readonly type: Type
  readonly events: SocketEvents = createEvents()
  readonly sink: Sink<Outgoing<Type>>
  readonly source: Source<Incoming<Type>>
  readonly consumer?: (() => Consumer<Incoming<Type>>) | undefined
  readonly #options: CoreOptions
  readonly #core: SocketCore<Type>
  readonly #endpoints: Endpoints
  #closing: Promise<CloseReport> | undefined

  constructor(type: Type, options: CoreOptions, transports: ReadonlyMap<string, Transport>, slabs: SlabPool) {
    this.type = type
    this.#options = options
    const security = options.security ?? NULL_SECURITY
    const context = { type, options, slabs, security, metadata: ownMetadata(type, options) }
    const core = new SocketCore(context, options, this.events)
    this.#core = core
    this.#endpoints = new Endpoints(core, security, transports)
    const { receives, sends, strategy, tracer } = core
    this.sink = sends
    this.source = receives
    this.consumer = tracer && (() => new TracedConsumer(receives, strategy, tracer))
  }

  get peers(): readonly PeerInfo[] {
    return this.#core.peers.listReady.map(infoOf)
  }

  get peerCount(): number {
    return this.#core.peers.readyCount
  }

  get endpoints(): readonly string[] {
    return this.#endpoints.bound
  }

  stats(): Omit<SocketStats, 'invalid'> {
    const { departed, drops, peers, tracer } = this.#core
    const { traffic, ...rest } = peers.stats()
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

  async bind(endpoint: string, signal?: AbortSignal): Promise<string> {
    return this.#endpoints.bind(endpoint, signal)
  }

  unbind(endpoint: string): Promise<void> {
    return this.#endpoints.unbind(endpoint)
  }

  connect(endpoint: string): void {
    this.#endpoints.dial([endpoint])
  }

  dial(addresses: readonly string[], owner: DiallingOwner): Dialling {
    return this.#endpoints.dial(addresses, owner)
  }

  disconnect(endpoint: string): void {
    this.#endpoints.disconnect(endpoint)
  }

  connected(count: number, options?: OperationOptions): Promise<void> {
    const { conditions, peers } = this.#core
    return conditions.until(
      () => peers.readyCount >= count,
      options,
      count === 1 ? 'no peer' : `fewer than ${count} peers`,
    )
  }

  revoke(message: Outgoing<Type>): boolean {
    return this.#core.strategy.revoke?.(message) ?? false
  }

  isRequester(peer: Uint8Array): boolean {
    return this.#core.strategy.isRequester?.(peer) ?? false
  }

  subscribe(prefix: Uint8Array): void {
    this.#core.strategy.subscribe?.(prefix)
  }

  unsubscribe(prefix: Uint8Array): void {
    this.#core.strategy.unsubscribe?.(prefix)
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
    const { conditions, strategy } = this.#core
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
    const syncs = this.#core.peers.listReady.map(peer => this.#synced(peer, signal))
    const results = await Promise.allSettled(syncs)
    if (results.every(({ status }) => status === 'rejected')) await this.#untilReady(signal)
  }

  /** Again while subscriptions have found no room in the queue. */
  async #synced(peer: Peer, signal: AbortSignal): Promise<void> {
    const { session } = peer
    do await session?.sync()
    while (session !== undefined && !signal.aborted && this.#core.strategy.isLate?.(peer) === true)
  }

  async #close(linger: number): Promise<CloseReport> {
    const core = this.#core
    const { conditions, drops, receives, sends } = core
    const error = new ClosedError()
    sends.close(error)
    receives.close(error)
    conditions.close(error)
    // `close` has returned by now: a listener may call it again.
    await undefined
    this.#endpoints.announceEnd()
    const begun = performance.now()
    const { pending } = core.linger
    if (pending > 0 && linger > 0) {
      const drained = core.linger.until(() => core.linger.pending === 0, linger)
      core.linger.finish()
      await drained
    }
    const dropped = core.linger.abandon()
    if (dropped > 0) drops.add('linger', dropped, undefined)
    await this.#endpoints.close(linger - (performance.now() - begun))
    const unread = await this.#countUnread()
    if (unread > 0) drops.add('unread', unread, undefined)
    drops.close()
    const report = { flushed: pending - dropped, dropped }
    this.events.emit('close', report)
    return report
  }

  /** In turns: what was left undecoded may be some hundred thousand messages for each megabyte. */
  async #countUnread(): Promise<number> {
    const { strategy } = this.#core
    let unread = 0
    for (;;) {
      const received = strategy.receive?.()
      if (received === undefined) {
        if (strategy.skipped !== true) return unread
      } else if (!isLoss(received)) unread++
      if (unread % UNREAD_A_TURN === 0 || strategy.skipped === true) await new Promise(setImmediate)
    }
  }
}

/** No message, that is. */
function isLoss(received: unknown): boolean {
  return received instanceof RequestOutcome && received.body === undefined
}

/** What READY says of us, in libzmq's spelling. */
function ownMetadata(type: SocketType, { routingId, trace }: CoreOptions): ReadonlyMap<string, Uint8Array> {
  const metadata = new Map([
    ['Socket-Type', utf8(type)],
    ['Identity', typeof routingId === 'string' ? utf8(routingId) : copyOf(routingId)],
    [BEATS_WHEN_PAUSED, utf8('1')],
  ])
  if (trace) metadata.set(TRACES, crypto().randomBytes(SALT_SIZE))
  return metadata
}
