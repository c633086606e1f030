/** What a socket tells about its life. Names follow ZMQ_EVENT_* where there is one. */
import diagnostics from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import { Emitter } from '../emitter.ts'
import type { DropCause } from '../routing/routing-strategy.ts'
import type { SocketType } from '../socket-type.ts'

/** The peer an event is about. What an engine cannot tell is undefined. */
export interface PeerReference {
  /** Unique within the socket. */
  readonly id: number
  readonly address: string | undefined
  readonly socketType: SocketType | undefined
  readonly routingId: Uint8Array | undefined
  readonly userId: string | undefined
}

/** The path of one message, in milliseconds; `Trace` says what each is. */
export interface TracedPath {
  readonly produce: number
  /** Undefined where the clocks are not known. */
  readonly queue: number | undefined
  readonly consume: number
}

export interface SocketEventMap {
  /** A bind is done; `endpoint` is the real one. */
  bind: [{ endpoint: string }]
  /** A bound endpoint is no longer listened on; a socket that closes tells so before it lingers. */
  unbind: [{ endpoint: string }]
  /** The connection to an endpoint stands (before the handshake). */
  connect: [{ endpoint: string; address: string }]
  /** Dialling goes on after a pause, in milliseconds. */
  'connect:retry': [{ endpoint: string; attempt: number; delay: number; error: Error | undefined }]
  /** A connection was accepted (before the handshake). */
  accept: [{ endpoint: string; address: string | undefined }]
  /** A peer is there and ready. */
  handshake: [{ endpoint: string; peer: PeerReference }]
  /** A handshake failed; `error` says why. With `fatal`, dialling goes on only at the longest interval. */
  'handshake:failed': [{ endpoint: string; address: string | undefined; error: Error; fatal: boolean }]
  /** A peer has gone. `possiblyLost` is an upper bound of the messages handed to the kernel that it may not have got. */
  disconnect: [
    { endpoint: string; peer: PeerReference; error: Error | undefined; possiblyLost: number | undefined },
  ]
  /** Messages were dropped: `count` since the last such event of this cause, at most one event a second and cause. */
  'message:dropped': [{ cause: DropCause; count: number; peer: PeerReference | undefined }]
  /** Received messages did not decode or pass the schema, and were skipped: `count` since the last such event, at most one a second; `error` is the last one's. */
  'message:invalid': [{ error: Error; count: number }]
  /** Option `trace`: a message from a peer that traces too has been consumed. */
  'message:traced': [{ id: string; path: TracedPath; peer: PeerReference | undefined }]
  /** A tcp endpoint that others than this machine can reach was bound without encryption; once a socket. */
  'security:clear': [{ endpoint: string }]
  /** The socket is closed. */
  close: [{ flushed: number | undefined; dropped: number | undefined }]
}

const EVENT_NAMES = Object.keys({
  bind: true,
  unbind: true,
  connect: true,
  'connect:retry': true,
  accept: true,
  handshake: true,
  'handshake:failed': true,
  disconnect: true,
  'message:dropped': true,
  'message:invalid': true,
  'message:traced': true,
  'security:clear': true,
  close: true,
} satisfies Record<keyof SocketEventMap, true>)

export type SocketEvents = EventEmitter<SocketEventMap>

/** Events are also published to the diagnostics channels `typedmq:<event>`, with the socket they happen to. */
class PublishedEvents extends Emitter<SocketEventMap> {
  override emit(name: any, ...args: any[]): boolean {
    const channel = CHANNELS.get(name)
    if (channel?.hasSubscribers) channel.publish({ ...args[0], socket: sockets.get(this) })
    return super.emit(name, ...args)
  }
}

/** Held here: a channel that nobody refers to is forgotten, with its subscribers. */
const CHANNELS = new Map(EVENT_NAMES.map(name => [name, diagnostics.channel(`typedmq:${name}`)]))

const sockets = new WeakMap<SocketEvents, object>()

export function createEvents(): SocketEvents {
  return new PublishedEvents()
}

/** Whether anybody listens: for events of single messages, whose making costs something. */
export function isHeard(events: SocketEvents, name: keyof SocketEventMap): boolean {
  return CHANNELS.get(name)?.hasSubscribers === true || events.listenerCount(name) > 0
}

/** Says whose events these are. */
export function ownEvents(events: SocketEvents, socket: object): void {
  sockets.set(events, socket)
}
