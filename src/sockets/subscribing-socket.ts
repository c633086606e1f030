/** What Subscriber and XSubscriber share: subscriptions, and messages to publications. */
import { bodyFrom } from '../addressed.ts'
import { utf8 } from '../bytes.ts'
import { Decoder } from '../codec/schema.ts'
import { decodeUtf8 } from '../codec/utf8.ts'
import type { OperationOptions } from '../engine/engine.ts'
import { InvalidMessageError, UnsupportedError } from '../errors.ts'
import { EMPTY_FRAME, type Frame, firstPart, isSingle, type Message } from '../message.ts'
import { TopicCache } from '../topic-cache.ts'
import { ReceivingSocket, SKIPPED } from './receiving-socket.ts'
import { type CommonSettings, codecIn } from './settings.ts'
import { engineSocketOf } from './socket.ts'
import { TopicFilter } from './topic-filter.ts'
import { prefixOf, type TopicTable, topicTable } from './topic-table.ts'
import type { Publication, TopicsOr } from './topic-types.ts'

export abstract class SubscribingSocket<Topics extends object, Value> extends ReceivingSocket<
  Publication<TopicsOr<Topics, Value>>,
  'SUB' | 'XSUB'
> {
  readonly #table: TopicTable<Decoder<unknown>> | undefined
  readonly #open: Decoder<unknown>
  readonly #filter: TopicFilter
  readonly #known = new TopicCache<Topic | typeof SKIPPED>()
  readonly #socket = engineSocketOf(this)

  constructor(type: 'SUB' | 'XSUB', settings: CommonSettings) {
    const codec = codecIn(settings)
    const table = topicTable(settings, schema => new Decoder<unknown>(codec, schema))
    super({ type, own: ['topics', 'codec'] }, settings)
    this.#table = table
    this.#open = new Decoder<unknown>(codec)
    this.#filter = new TopicFilter(key => table?.hasExact(key) === true)
  }

  /** Subscribes to keys of the contract, patterns ('price.*') or plain prefixes; to everything when none is given. What is subscribed to twice must be unsubscribed twice. */
  subscribe(...topics: (Subscribable<Topics> | (string & {}))[]): void {
    for (const topic of topics.length === 0 ? [''] : topics) {
      this.#filter.add(topic)
      this.#known.clear()
      this.#socket.subscribe!(utf8(prefixOf(topic)))
    }
  }

  /** Takes back `subscribe` of the same words. */
  unsubscribe(...topics: (Subscribable<Topics> | (string & {}))[]): void {
    for (const topic of topics.length === 0 ? [''] : topics) {
      this.#known.clear()
      if (this.#filter.delete(topic)) this.#socket.unsubscribe!(utf8(prefixOf(topic)))
    }
  }

  /** Resolves once every connected publisher has our subscriptions, and there is at least one: from then on nothing is missed. */
  ready(options?: OperationOptions): Promise<void> {
    if (this.#socket.ready !== undefined) return this.#socket.ready(options)
    return Promise.reject(new UnsupportedError('this engine cannot tell when its subscriptions have arrived'))
  }

  protected override decode(message: Message): Publication<TopicsOr<Topics, Value>> | typeof SKIPPED {
    const first = firstPart(message)
    const topic = this.#known.find(first) ?? this.#learn(first)
    if (topic === SKIPPED) return SKIPPED
    const body = isSingle(message) ? EMPTY_FRAME : bodyFrom(message, 1)
    return publication(topic.text, topic.decoder.decode(body), topic.key)
  }

  #learn(bytes: Frame): Topic | typeof SKIPPED {
    const text = decodeUtf8(bytes, 'the topic')
    const topic = this.#filter.includes(text) ? this.#topic(text) : SKIPPED
    this.#known.remember(bytes, topic)
    return topic
  }

  #topic(text: string): Topic {
    if (this.#table === undefined) return { text, key: this.#filter.keyOf(text), decoder: this.#open }
    const covered = this.#table.find(text)
    if (covered === undefined) throw new InvalidMessageError(`no key of the contract covers topic "${text}"`)
    return { text, key: covered.key, decoder: covered.value }
  }
}

/** A topic that was received, and what is yielded with it. */
interface Topic {
  readonly text: string
  readonly key: string
  readonly decoder: Decoder<unknown>
}

/** What an editor offers to subscribe to. */
type Subscribable<Topics> = keyof Topics & string

/** The table has chosen key and value together; no type can follow that. */
function publication<Any>(topic: string, value: unknown, key: string): Any {
  return { topic, value, key } as Any
}
