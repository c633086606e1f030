/** Contracts of topics as tables: which key covers a topic, and what goes with it. */
import type { Schema } from '../codec/schema.ts'
import { OptionError } from '../errors.ts'
import { type CommonSettings, isSchema } from './settings.ts'

/** A pattern ends in an asterisk; what stands before it is the prefix. */
export function isTopicPattern(key: string): boolean {
  return key.endsWith('*')
}

/** The prefix to subscribe to for a key, a pattern or a plain prefix. */
export function prefixOf(key: string): string {
  return isTopicPattern(key) ? key.slice(0, -1) : key
}

/** The key that covers a topic, and its value. */
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
      if (isTopicPattern(key)) this.#patterns.push({ prefix: prefixOf(key), covered: { key, value } })
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
