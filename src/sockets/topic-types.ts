/** Contracts of topics as types: keys are topics, or patterns such as 'price.*'. */
import type { Codec } from '../codec/codec.ts'
import type { Schema } from '../codec/schema.ts'
import type { AnyCodec } from './settings.ts'

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
