/** What Publisher and XPublisher share: topics and values to messages, topic first. */
import { utf8 } from '../bytes.ts'
import { Encoder } from '../codec/schema.ts'
import type { EngineSocket, OperationOptions } from '../engine/engine.ts'
import { InvalidMessageError, UnsupportedError } from '../errors.ts'
import { type Frame, isSingle, type Message } from '../message.ts'
import { LONGEST_TOPIC, MAX_TOPICS } from '../topic-cache.ts'
import { type CommonSettings, codecIn } from './settings.ts'
import { prefixOf, type TopicTable, topicTable } from './topic-table.ts'

export class TopicSender {
  readonly #socket: EngineSocket
  readonly #encoder: TopicEncoder

  constructor(socket: EngineSocket, encoder: TopicEncoder) {
    this.#socket = socket
    this.#encoder = encoder
  }

  send(topic: string, value: unknown, options: OperationOptions | undefined): Promise<void> {
    const since = this.#socket.sink.clock?.()
    let message: Message
    try {
      message = this.#encoder.encode(topic, value)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#socket.sink.send(message, options, since)
  }

  trySend(topic: string, value: unknown): boolean {
    const since = this.#socket.sink.clock?.()
    return this.#socket.sink.trySend(this.#encoder.encode(topic, value), since)
  }

  /** For a pattern, those who would get a message with its prefix for a topic. */
  waitForSubscribers(
    count: number,
    topic: string | undefined,
    options: OperationOptions | undefined,
  ): Promise<void> {
    if (this.#socket.subscribed === undefined) {
      return Promise.reject(new UnsupportedError('this engine cannot tell who has subscribed'))
    }
    const prefix = topic === undefined ? undefined : utf8(prefixOf(topic))
    return this.#socket.subscribed(count, prefix, options)
  }
}

export class TopicEncoder {
  readonly #table: TopicTable<Encoder<unknown>> | undefined
  readonly #open: Encoder<unknown>
  /** The bytes of topics sent lately, shared by all their messages: a look-up costs a third of encoding the text anew. */
  readonly #bytes = new Map<string, Frame>()

  constructor(settings: CommonSettings) {
    const codec = codecIn(settings)
    this.#table = topicTable(settings, schema => new Encoder<unknown>(codec, schema))
    this.#open = new Encoder<unknown>(codec)
  }

  /** Throws `InvalidMessageError`, also for a topic that no key covers. */
  encode(topic: string, value: unknown): Message {
    if (typeof topic !== 'string') {
      throw new InvalidMessageError(`a topic is a string, not ${typeof topic}`)
    }
    const body = this.#encoderOf(topic).encode(value)
    const head = this.#bytesOf(topic)
    return isSingle(body) ? [head, body] : [head, ...body]
  }

  #bytesOf(topic: string): Frame {
    const known = this.#bytes.get(topic)
    if (known !== undefined) return known
    const bytes = utf8(topic)
    if (topic.length > LONGEST_TOPIC) return bytes
    if (this.#bytes.size === MAX_TOPICS) this.#bytes.clear()
    this.#bytes.set(topic, bytes)
    return bytes
  }

  #encoderOf(topic: string): Encoder<unknown> {
    if (this.#table === undefined) return this.#open
    const covered = this.#table.find(topic)
    if (covered === undefined) {
      throw new InvalidMessageError(`no key covers topic "${topic}"; keys are ${this.#table.keys.join(', ')}`)
    }
    return covered.value
  }
}
