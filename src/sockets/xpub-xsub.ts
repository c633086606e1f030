/** XPublisher and XSubscriber: Publisher and Subscriber that show, and send, what goes upstream; for brokers and last-value caches. */
import type { WritableStream } from 'node:stream/web'
import { Decoder, Encoder } from '../codec/schema.ts'
import { decodeUtf8 } from '../codec/utf8.ts'
import type { OperationOptions, Sink } from '../engine/engine.ts'
import { InvalidMessageError } from '../errors.ts'
import { firstPart, type Message } from '../message.ts'
import { SUBSCRIBE, subscriptionKind } from '../subscription-message.ts'
import { TopicEncoder, TopicSender } from './publishing.ts'
import { ReceivingSocket } from './receiving-socket.ts'
import { sendValue, trySendValue, type ValueEncoder, writableOf } from './sending.ts'
import { type CommonSettings, codecIn, type PublishSettings, type Some } from './settings.ts'
import { engineSocketOf } from './socket.ts'
import { SubscribingSocket } from './subscribing-socket.ts'
import type {
  OpenTopics,
  PublishContract,
  SubscribeContract,
  ToPublish,
  Topic,
  TopicCodec,
  TopicsOr,
  ValueOf,
} from './topic-types.ts'

/** What an XPublisher takes besides its contract. */
export type XPublisherSettings = PublishSettings & Some<'verbose' | 'maxTopics'>

/** What an XPublisher yields: that somebody is the first to want a topic, or the last to want it no more, or a message of an XSubscriber. */
export type Upstream<Value> =
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly topic: string }
  | { readonly kind: 'message'; readonly value: Value }

/** A Publisher that also receives: subscriptions, and what XSubscribers send. */
export class XPublisher<Topics extends object = object, Value = unknown> extends ReceivingSocket<
  Upstream<Value>,
  'XPUB'
> {
  readonly #sender: TopicSender
  readonly #decoder: Decoder<Value>

  constructor(settings: XPublisherSettings & PublishContract<Topics>)
  constructor(settings: XPublisherSettings & TopicCodec<Value>)
  constructor(settings?: XPublisherSettings & OpenTopics)
  constructor(settings: XPublisherSettings = {}) {
    const encoder = new TopicEncoder(settings)
    super({ type: 'XPUB', own: ['topics', 'codec'], defaults: { onFull: 'drop-newest' } }, settings)
    this.#sender = new TopicSender(engineSocketOf(this), encoder)
    this.#decoder = new Decoder(codecIn(settings))
  }

  /** Sends a value to all subscribers of the topic; waits only with `onFull: 'wait'`. Rejects with `InvalidMessageError`. */
  send<Name extends Topic<TopicsOr<Topics, Value>>>(
    topic: Name,
    value: ValueOf<TopicsOr<Topics, Value>, Name>,
    options?: OperationOptions,
  ): Promise<void> {
    return this.#sender.send(topic, value, options)
  }

  /** False when `send` would wait for room. Throws `InvalidMessageError`. */
  trySend<Name extends Topic<TopicsOr<Topics, Value>>>(
    topic: Name,
    value: ValueOf<TopicsOr<Topics, Value>, Name>,
  ): boolean {
    return this.#sender.trySend(topic, value)
  }

  /** Resolves once at least `count` peers would get a message with this topic (by default: have subscribed to anything). */
  waitForSubscribers(count = 1, topic?: string, options?: OperationOptions): Promise<void> {
    return this.#sender.waitForSubscribers(count, topic, options)
  }

  /** A new stream that publishes what is written. Closing it does not close the socket. */
  get writable(): WritableStream<ToPublish<TopicsOr<Topics, Value>>> {
    return writableOf(({ topic, value }, options) => this.#sender.send(topic, value, options))
  }

  protected override decode(message: Message): Upstream<Value> {
    const kind = subscriptionKind(message)
    if (kind === undefined) {
      return { kind: 'message', value: this.#decoder.decode(message) }
    }
    const topic = decodeUtf8((message as Uint8Array).subarray(1), 'the subscription')
    return { kind: kind === SUBSCRIBE ? 'subscribe' : 'unsubscribe', topic }
  }
}

/** A Subscriber that can also send: its messages go to every XPublisher it is connected to. */
export class XSubscriber<Topics extends object = object, Value = unknown> extends SubscribingSocket<
  Topics,
  Value
> {
  readonly #sink: Sink
  readonly #encoder: ValueEncoder<Value>

  constructor(settings: CommonSettings & Some<'copy'> & SubscribeContract<Topics>)
  constructor(settings: CommonSettings & Some<'copy'> & TopicCodec<Value>)
  constructor(settings?: CommonSettings & Some<'copy'> & OpenTopics)
  constructor(settings: CommonSettings & Some<'copy'> = {}) {
    super('XSUB', settings)
    const encoder = new Encoder<Value>(codecIn(settings))
    this.#sink = engineSocketOf(this).sink
    this.#encoder = { encode: value => upstream(encoder.encode(value)) }
  }

  /** Sends a value upstream. Rejects with `InvalidMessageError`, also when it would be read as a subscription. */
  send(value: Value, options?: OperationOptions): Promise<void> {
    return sendValue(this.#sink, this.#encoder, value, options)
  }

  /** False when `send` would wait for room. Throws `InvalidMessageError`. */
  trySend(value: Value): boolean {
    return trySendValue(this.#sink, this.#encoder, value)
  }
}

/** ZeroMQ tells subscriptions from messages by their first byte only. */
function upstream(message: Message): Message {
  const first = firstPart(message)
  if (subscriptionKind(first) === undefined) return message
  throw new InvalidMessageError(
    `a message upstream may not begin with byte ${first[0]}: that is a subscription`,
  )
}
