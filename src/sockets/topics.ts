/** Topics: keys of a contract, exact or patterns such as 'price.*', as types and as a table. */
import type { Codec } from '../codec/codec.ts'
import type { Schema } from '../codec/schema.ts'
import { OptionError } from '../errors.ts'
import { type AnyCodec, type CommonSettings, isSchema } from './settings.ts'

/** The topics a key stands for: 'price.*' stands for everything that begins with 'price.'. */
export type TopicOf<Key extends string> = Key extends `${infer Prefix}*` ? `${Prefix}${string}` : Key

/** No contract: any topic, values of one type. */
export type TopicsOr<Topics, Value> = [keyof Topics] extends [never] ? Record<string, Value> : Topics

/** Every topic a contract allows. */
export type Topic<Topics> = { [Key in keyof Topics & string]: TopicOf<Key> }[keyof Topics & string]

type Covering<Topics, Name extends string> = {
  [Key in keyof Topics & string]: Name extends TopicOf<Key> ? Key : never
}[keyof Topics & string]

/** Those keys of `Keys` that no other one narrows. */
type Narrowest<Keys extends string, All extends string = Keys> = Keys extends string
  ? [Narrower<Exclude<All, Keys>, Keys>] extends [never]
    ? Keys
    : never
  : never
type Narrower<Others extends string, Key extends string> = Others extends string
  ? TopicOf<Others> extends TopicOf<Key>
    ? Others
    : never
  : never

/** The type of the values of a topic: its most specific key decides. */
export type ValueOf<Topics, Name extends string> = Topics[Narrowest<Covering<Topics, Name>> & keyof Topics]

/** What a Subscriber yields: one member a key, told apart by `key`. */
export type Publication<Topics> = {
  [Key in keyof Topics & string]: {
    readonly topic: TopicOf<Key>
    readonly value: Topics[Key]
    /** The contract's key that covers the topic; without a contract the pattern subscribed to, else the topic. */
    readonly key: Key
  }
}[keyof Topics & string]

/** What a Publisher's `writable` takes: one member a key. */
export type ToPublish<Topics> = {
  [Key in keyof Topics & string]: { readonly topic: TopicOf<Key>; readonly value: Topics[Key] }
}[keyof Topics & string]

/** Schemas of what is sent under each key. */
export interface PublishContract<Topics> {
  readonly topics: { readonly [Key in keyof Topics]: Schema<Topics[Key], unknown> }
  readonly codec?: AnyCodec | undefined
}

/** Schemas of what is received under each key. */
export interface SubscribeContract<Topics> {
  readonly topics: { readonly [Key in keyof Topics]: Schema<unknown, Topics[Key]> }
  readonly codec?: AnyCodec | undefined
}

/** A codec and no topics: any topic, values of the codec's type. */
export interface TopicCodec<Value> {
  readonly codec: Codec<Value>
  readonly topics?: undefined
}

/** No schemas: the types are the class's type arguments. */
export interface OpenTopics {
  readonly codec?: AnyCodec | undefined
  readonly topics?: undefined
}

/** A pattern ends in an asterisk; what stands before it is the prefix. */
export function isPattern(key: string): boolean {
  return key.endsWith('*')
}

/** The prefix to subscribe to for a key, a pattern or a plain prefix. */
export function prefixOf(key: string): string {
  return isPattern(key) ? key.slice(0, -1) : key
}

/** What a topic table answers. */
export interface Covered<T> {
  readonly key: string
  readonly value: T
}

/** Which key covers a topic: the exact one, else the longest pattern. */
export class TopicTable<T> {
  readonly #exact = new Map<string, Covered<T>>()
  readonly #patterns: { readonly prefix: string; readonly covered: Covered<T> }[] = []

  constructor(entries: Iterable<readonly [key: string, value: T]>) {
    for (const [key, value] of entries) {
      if (isPattern(key)) this.#patterns.push({ prefix: prefixOf(key), covered: { key, value } })
      else this.#exact.set(key, { key, value })
    }
    this.#patterns.sort((a, b) => b.prefix.length - a.prefix.length)
  }

  find(topic: string): Covered<T> | undefined {
    const exact = this.#exact.get(topic)
    if (exact !== undefined) return exact
    for (const { prefix, covered } of this.#patterns) if (topic.startsWith(prefix)) return covered
    return undefined
  }

  hasExact(key: string): boolean {
    return this.#exact.has(key)
  }

  get keys(): string[] {
    return [...this.#exact.keys(), ...this.#patterns.map(pattern => pattern.covered.key)]
  }
}

/** The table of a contract's topics, one entry a key; undefined without a contract. Throws `OptionError`. */
export function topicTable<T>(
  settings: CommonSettings,
  entry: (schema: Schema<unknown, any>) => T,
): TopicTable<T> | undefined {
  const topics = (settings as { topics?: unknown }).topics
  if (topics === undefined) return undefined
  if (topics === null || typeof topics !== 'object') {
    throw new OptionError('topics', `topics is ${topics}; it must be an object of schemas by key`)
  }
  return new TopicTable(
    Object.entries(topics).map(([key, schema]) => {
      if (!isSchema(schema)) {
        throw new OptionError('topics', `topic "${key}" is ${schema}; it must be a Standard Schema`)
      }
      return [key, entry(schema)] as const
    }),
  )
}
