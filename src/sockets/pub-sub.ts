/** Publisher and Subscriber: every message to all who subscribed to a prefix of its topic. */
import type { WritableStream } from 'node:stream/web'
import type { OperationOptions } from '../engine/engine.ts'
import { TopicEncoder, TopicSender } from './publishing.ts'
import { writableOf } from './sending.ts'
import type { CommonSettings, PublishSettings } from './settings.ts'
import { engineSocketOf, Socket } from './socket.ts'
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

/** Sends to all subscribers of a topic. The contract is `{ topics }`: schemas by exact topic or by pattern, as in 'price.*'. */
export class Publisher<Topics extends object = object, Value = unknown> extends Socket<'PUB'> {
  readonly #sender: TopicSender

  constructor(settings: PublishSettings & PublishContract<Topics>)
  constructor(settings: PublishSettings & TopicCodec<Value>)
  constructor(settings?: PublishSettings & OpenTopics)
  constructor(settings: PublishSettings = {}) {
    const encoder = new TopicEncoder(settings)
    super({ type: 'PUB', own: ['topics', 'codec'], defaults: { onFull: 'drop-newest' } }, settings)
    this.#sender = new TopicSender(engineSocketOf(this), encoder)
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
}

/** Receives what it subscribed to, as `{ topic, value, key }`. Topics are UTF-8; a message of one part is a topic with an empty value. */
export class Subscriber<Topics extends object = object, Value = unknown> extends SubscribingSocket<
  Topics,
  Value
> {
  constructor(settings: CommonSettings & SubscribeContract<Topics>)
  constructor(settings: CommonSettings & TopicCodec<Value>)
  constructor(settings?: CommonSettings & OpenTopics)
  constructor(settings: CommonSettings = {}) {
    super('SUB', settings)
  }
}
