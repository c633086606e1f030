/** The public surface. */
export { Addressed } from './addressed.ts'
export type { Codec } from './codec/codec.ts'
export { json } from './codec/json.ts'
export type { CodecLimits } from './codec/limits.ts'
export { msgpack } from './codec/msgpack.ts'
export { raw } from './codec/raw.ts'
export type { Schema } from './codec/schema.ts'
export { text } from './codec/text.ts'
export type { Dialling, DiallingOwner } from './dialling.ts'
export { defaultEngine } from './engine/default.ts'
export type {
  Clock,
  CloseReport,
  Consumer,
  CoreOptions,
  Delay,
  Engine,
  EngineSocket,
  Marks,
  OperationOptions,
  PeerInfo,
  PeerState,
  Sink,
  SocketStats,
  Source,
  Trace,
  Traffic,
} from './engine/engine.ts'
export type { PeerReference, SocketEventMap, SocketEvents, TracedPath } from './engine/events.ts'
export * from './errors.ts'
export { EMPTY_FRAME, type Frame, type Message, messageOf, partsOf } from './message.ts'
export type { SocketOptions } from './options.ts'
export type { OutgoingRequest, RequestOutcome } from './outgoing-request.ts'
export type { DropCause } from './routing/routing-strategy.ts'
export { allowAddresses, allowAll, allowKeys, allowUsers } from './security/allow.ts'
export type { Authenticate, AuthenticationAnswer, AuthenticationRequest } from './security/authenticate.ts'
export type { MechanismName, Metadata, Security } from './security/mechanism.ts'
export { plain, plainServer } from './security/plain.ts'
export type { SocketType } from './socket-type.ts'
export { Dealer, type DealerSettings } from './sockets/dealer.ts'
export type { Asked } from './sockets/incoming-request.ts'
export { Pair, type PairSettings } from './sockets/pair.ts'
export { type ProxyOptions, proxy } from './sockets/proxy.ts'
export { Publisher, Subscriber } from './sockets/pub-sub.ts'
export { Pull, Push } from './sockets/push-pull.ts'
export type { ReceivingSocket } from './sockets/receiving-socket.ts'
export { Reply, type ServeOptions } from './sockets/reply.ts'
export { Request, type RequestOptions, type RequestSettings } from './sockets/request.ts'
export { type Routed, Router, type RouterSettings, type ToRoute } from './sockets/router.ts'
export type { CommonSettings, DealSettings, PublishSettings, SendSettings } from './sockets/settings.ts'
export { Socket, type SocketDescription } from './sockets/socket.ts'
export type { Publication, ToPublish, Topic, TopicOf, ValueOf } from './sockets/topic-types.ts'
export { type Upstream, XPublisher, type XPublisherSettings, XSubscriber } from './sockets/xpub-xsub.ts'
