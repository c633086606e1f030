/** Standard Schema around a codec: the sender's half checks, the receiver's half checks and transforms. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { util } from '../builtin.ts'
import { InvalidMessageError, type Issue, UnsupportedError } from '../errors.ts'
import type { Message } from '../message.ts'
import { reasonOf } from '../reason.ts'
import type { Codec } from './codec.ts'

/** Any Standard Schema: zod, valibot, arktype and others. Sockets send its input type and receive its output type. */
export type Schema<In = unknown, Out = unknown> = StandardSchemaV1<In, Out>

/** Values to messages. What is sent is the value as given, not what the schema makes of it: only the receiver transforms. */
export class Encoder<T> {
  readonly #codec: Codec<T>
  readonly #check: Check<unknown> | undefined

  constructor(codec: Codec<T>, schema?: Schema) {
    this.#codec = codec
    this.#check = schema && new Check(schema)
  }

  /** Throws `InvalidMessageError`. */
  encode(value: T): Message {
    if (this.#check !== undefined) this.#check.of(value)
    try {
      return this.#codec.encode(value)
    } catch (cause) {
      throw invalid(`codec ${this.#codec.name} cannot encode ${show(value)}`, cause)
    }
  }
}

/** Messages to values. */
export class Decoder<T> {
  readonly #codec: Codec<unknown>
  readonly #check: Check<T> | undefined

  constructor(codec: Codec<any>, schema?: Schema<unknown, T>) {
    this.#codec = codec
    this.#check = schema && new Check(schema)
  }

  /** Throws `InvalidMessageError`. */
  decode(message: Message): T {
    let value: unknown
    try {
      value = this.#codec.decode(message)
    } catch (cause) {
      throw invalid(`codec ${this.#codec.name} cannot decode ${show(message)}`, cause)
    }
    return this.#check === undefined ? (value as T) : this.#check.of(value)
  }
}

/** A schema that must answer at once. */
class Check<T> {
  readonly #schema: Schema<unknown, T>
  /** It has passed a value without waiting: zod answers with a promise also when a transformation throws. */
  #answersAtOnce = false

  constructor(schema: Schema<unknown, T>) {
    this.#schema = schema
  }

  /** The schema's output. Throws `InvalidMessageError`, or `UnsupportedError` when the schema is asynchronous. */
  of(value: unknown): T {
    const standard = this.#schema['~standard']
    const { vendor } = standard
    let result: ReturnType<typeof standard.validate>
    try {
      result = standard.validate(value)
    } catch (cause) {
      throw invalid(`the schema (${vendor}) throws on ${show(value)}`, cause)
    }
    if (result instanceof Promise) {
      result.catch(() => {})
      if (this.#answersAtOnce) {
        throw new InvalidMessageError(`the schema (${vendor}) throws on, or waits for, ${show(value)}`)
      }
      throw new UnsupportedError(
        `the schema (${vendor}) validates asynchronously; messages need one that answers at once`,
      )
    }
    if (result.issues !== undefined) {
      const reasons = result.issues.map(describe).join('; ')
      throw new InvalidMessageError(`the schema refuses ${show(value)}: ${reasons}`, result.issues)
    }
    this.#answersAtOnce = true
    return result.value
  }
}

function invalid(message: string, cause: unknown): InvalidMessageError {
  return new InvalidMessageError(`${message}: ${reasonOf(cause)}`, [], { cause })
}

function describe(issue: Issue): string {
  const path = (issue.path ?? []).map(step => String(typeof step === 'object' ? step.key : step)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

/** Enough of a value to recognise it, bounded: it may come from a stranger. */
function show(value: unknown): string {
  const shown = util().inspect(value, {
    depth: 1,
    breakLength: Infinity,
    maxArrayLength: 5,
    maxStringLength: 60,
  })
  return shown.length > 200 ? `${shown.slice(0, 200)}...` : shown
}
