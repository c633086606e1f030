/** The seam between sockets and engines: whole messages and promises, nothing of an engine's inside. */
import type { Dialling, DiallingOwner } from '../dialling.ts'
import type { Incoming, Outgoing, PlainType } from '../exchanged.ts'
import type { Message } from '../message.ts'
import type { SocketOptions } from '../options.ts'
import type { Delay } from '../queue/delays.ts'
import type { Marks } from '../queue/queue-ends.ts'
import type { Clock } from '../queue/stamp.ts'
import type { DropCause } from '../routing/routing-strategy.ts'
import type { Authenticate } from '../security/authenticate.ts'
import type { Security } from '../security/mechanism.ts'
import type { SocketType } from '../socket-type.ts'
import type { PeerReference, SocketEvents } from './events.ts'

/** How long and until when a call may wait. */
export interface OperationOptions {
  /** Rejects with `signal.reason`: an aborted send was not sent, an aborted receive eats no message. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds; then `TimeoutError`. Default: no limit. */
  readonly timeout?: number | undefined
}

/** How a receive waits. */
export interface ReceiveOptions<In = Message> extends OperationOptions {
  /** A receive that waits gives its message to this too, on the stack of its arrival; it must not throw. */
  arrived?(received: In): void
}

/** All options of an engine socket, complete. */
export interface CoreOptions extends SocketOptions {
  /** The mechanism of every connection; undefined is NULL. */
  readonly security: Security | undefined
  /** Asked about each peer before it is let in. */
  readonly authenticate: Authenticate | undefined
}

/** Counters of one peer or of a whole socket. What an engine cannot tell is undefined. */
export interface Traffic {
  /** Messages that wait to be sent now, and their bytes. */
  readonly queued: number | undefined
  readonly queuedBytes: number | undefined
  /** Messages that wait to be received now. */
  readonly waiting: number | undefined
  /** Messages, and bytes of their parts, since the beginning. */
  readonly sent: number | undefined
  readonly sentBytes: number | undefined
  readonly received: number | undefined
  readonly receivedBytes: number | undefined
  readonly dropped: number | undefined
}

export type { Clock, Delay, Marks }

/**
 * connecting: not there yet, or not any more, and being dialled; what is queued waits.
 * full: we have more for it than its mark allows; senders wait, or drop. paused: we do not read it, for too much waits to be received.
 */
export type PeerState = 'connecting' | 'ready' | 'full' | 'paused'

export interface PeerInfo extends PeerReference {
  /** The endpoint that was bound or connected here. */
  readonly endpoint: string
  readonly metadata: ReadonlyMap<string, Uint8Array>
  readonly protocol: string | undefined
  /** Milliseconds of the last answered PING; undefined before one was. */
  readonly roundTrip: number | undefined
  readonly state: PeerState | undefined
  /** What `queued` and `waiting` are bounded by. */
  readonly marks: { readonly send: Marks; readonly receive: Marks } | undefined
  /** From `send` to the kernel (inproc: to the receiver); undefined before any was timed. */
  readonly sendDelay: Delay | undefined
  /** From the wire to the receiver; undefined before any was timed. */
  readonly receiveDelay: Delay | undefined
  readonly traffic: Traffic
  /** Undefined unless both ends have option `trace`. */
  readonly trace: Trace | undefined
}

/** The path of traced messages, in milliseconds of the latest 128. A delay is undefined before any was measured. */
export interface Trace {
  /** Received from peers that trace too; the path is theirs. */
  readonly messages: number
  /** At the sender, from the call of `send`, encoding included, until the message came into the queue of a peer; waiting at the mark included. */
  readonly produce: Delay | undefined
  /** From there until it was taken here by a receive: both queues and the network. Undefined while the clocks are not known. */
  readonly queue: Delay | undefined
  /** From there until its consumer asks for the next, leaves its loop, or (serve) the handler has ended. */
  readonly consume: Delay | undefined
  /** The sum of the three. */
  readonly latency: Delay | undefined
  /** Messages a second, from the first that was taken to the last. */
  readonly throughput: number | undefined
  /** How far the peer's clock is ahead, and how sure that is: what `queue` may be wrong by. Of a socket: of its least certain peer. */
  readonly clock: Clock | 'unknown' | undefined
  /** The other direction: what was queued here, counted for each peer, whether or not that peer traces. */
  readonly sent: { readonly messages: number; readonly produce: Delay | undefined }
}

/** What peers that have disconnected left to be received. */
export interface DepartedStats {
  readonly peers: number
  /** Decoded messages that wait. What is not decoded yet counts in `bytes` only. */
  readonly messages: number
  readonly bytes: number
  /** Peers whose handshake (or dialling) waits until something of it is read: option `maxDepartedBytes`. */
  readonly holding: number
}

export interface SocketStats {
  /** Sums over all peers, those that have gone included. */
  readonly traffic: Traffic
  /** Dropped messages by cause; only causes that occurred. */
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>
  /** Received messages that did not decode or pass the schema. */
  readonly invalid: number
  /** Upper bound of messages handed to the kernel whose peer may not have got them. */
  readonly possiblyLost: number | undefined
  readonly departed: DepartedStats | undefined
  /** Connections that were established again after having been lost. */
  readonly reconnections: number | undefined
  /** Over the peers that are listed. */
  readonly sendDelay: Delay | undefined
  readonly receiveDelay: Delay | undefined
  /** Over all peers, those that have gone included; undefined without option `trace`. */
  readonly trace: Trace | undefined
  /** Those that are connected, and those that are still being dialled. */
  readonly peers: readonly PeerInfo[]
}

/** What became of the messages that were queued when `close` was called. What an engine cannot tell is undefined. */
export interface CloseReport {
  /** Given away while closing: written, or begun to be. What of it the peer may not have got is `possiblyLost` of its `disconnect`. */
  readonly flushed: number | undefined
  /** Still queued when linger was over: no byte of it was written. */
  readonly dropped: number | undefined
}

/** Where messages can be taken. */
export interface Source<In = Message> {
  receive(options?: ReceiveOptions<In>): In | Promise<In>
  /** The next message if it is here; an engine that cannot tell answers undefined when in doubt. */
  tryReceive(): In | undefined
}

/** Whether what `receive` has answered is still to come. Not by `instanceof`, for the reason that `isSingle` gives. */
export function isPending<In>(arrival: In | Promise<In>): arrival is Promise<In> {
  return typeof (arrival as Promise<In>).then === 'function'
}

/** One of those who take messages, for tracing: it is done with a message when it asks for the next one, or says so. */
export interface Consumer<In = Message> extends Source<In> {
  /** `tryReceive` for the same batch: what was taken before is not done with. */
  tryMore(): In | undefined
  done(): void
}

/** Where messages are put. */
export interface Sink<Out = Message> {
  /** Set while tracing: tells the time at which a send begins. */
  readonly clock?: (() => number) | undefined
  /**
   * Takes the message or waits; one shared resolved promise when it was taken at once. `since`: what `clock` told when the
   * application began to send.
   */
  send(message: Out, options?: OperationOptions, since?: number): Promise<void>
  /** False when `send` would wait for room. */
  trySend(message: Out, since?: number): boolean
}

/**
 * One socket of an engine. REP has names of its own for its peers, and looks for the delimiter in what they send; ROUTER does
 * in what a REQ sends, where the engine can tell. REQ receives one outcome of each request, unless it is revoked.
 */
export interface EngineSocket<Type extends SocketType = PlainType> {
  readonly type: Type
  readonly sink: Sink<Outgoing<Type>>
  readonly source: Source<Incoming<Type>>
  readonly events: SocketEvents
  readonly peers: readonly PeerInfo[]
  /** How many they are: without a list of them. */
  readonly peerCount: number
  /** The endpoints that are bound now, as `bind` answered them. */
  readonly endpoints: readonly string[]
  stats(): Omit<SocketStats, 'invalid'>
  /** Answers the real endpoint. */
  bind(endpoint: string, signal?: AbortSignal): Promise<string>
  unbind(endpoint: string): Promise<void>
  /** Returns at once; dialling goes on until `disconnect` or `close`. */
  connect(endpoint: string): void
  /** Connects to one peer, at whichever of its addresses (at least one) answers; throws as `connect` to the first does. */
  dial(addresses: readonly string[], owner: DiallingOwner): Dialling
  disconnect(endpoint: string): void
  /** Resolves once at least `count` peers are ready. */
  connected(count: number, options?: OperationOptions): Promise<void>
  /** Set while tracing: a consumer of its own, for each loop and each handler. */
  readonly consumer?: (() => Consumer<Incoming<Type>>) | undefined
  /** Takes back a message that `send` took and that has not begun to be written; an engine that cannot answers false. */
  revoke(message: Outgoing<Type>): boolean
  subscribe?(prefix: Uint8Array): void
  unsubscribe?(prefix: Uint8Array): void
  /** SUB: resolves once every connected peer has our subscriptions, and there is at least one. */
  ready?(options?: OperationOptions): Promise<void>
  /** PUB, XPUB: resolves once at least `count` peers would get a message with this topic (undefined: any subscription). */
  subscribed?(count: number, topic?: Uint8Array, options?: OperationOptions): Promise<void>
  /** ROUTER: whether the peer is a REQ, which wants a delimiter; an engine that cannot tell has none. */
  isRequester?(peer: Uint8Array): boolean
  close(options?: { readonly linger?: number | undefined }): Promise<CloseReport>
}

/** Opens engine sockets. One engine may serve any number of sockets. */
export interface Engine extends AsyncDisposable {
  readonly name: string
  open<Type extends SocketType>(type: Type, options: CoreOptions): EngineSocket<Type>
}
