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
    this.#check = schema && new Check(schema, shown)
  }

  /** Throws `InvalidMessageError`. */
  encode(value: T): Message {
    if (this.#check !== undefined) this.#check.of(value)
    try {
      return this.#codec.encode(value)
    } catch (cause) {
      throw invalid(`codec ${this.#codec.name} cannot encode ${shown(value)}`, cause)
    }
  }
}

/** Messages to values. Its errors say of what type and size a message or value is, never what is in it. */
export class Decoder<T> {
  readonly #codec: Codec<unknown>
  readonly #check: Check<T> | undefined

  constructor(codec: Codec<any>, schema?: Schema<unknown, T>) {
    this.#codec = codec
    this.#check = schema && new Check(schema, undefined)
  }

  /** Throws `InvalidMessageError`. */
  decode(message: Message): T {
    let value: unknown
    try {
      value = this.#codec.decode(message)
    } catch (cause) {
      throw invalid(`codec ${this.#codec.name} cannot decode ${kindOf(message)}`, cause)
    }
    return this.#check === undefined ? (value as T) : this.#check.of(value)
  }
}

/** A schema that must answer at once. */
class Check<T> {
  readonly #schema: Schema<unknown, T>
  /** How an error shows a value; undefined where a peer chose it. */
  readonly #show: ((value: unknown) => string) | undefined
  /** It has passed a value without waiting: zod answers with a promise also when a transformation throws. */
  #answersAtOnce = false

  constructor(schema: Schema<unknown, T>, show: ((value: unknown) => string) | undefined) {
    this.#schema = schema
    this.#show = show
  }

  /** The schema's output. Throws `InvalidMessageError`, or to the sender `UnsupportedError` when the schema is asynchronous. */
  of(value: unknown): T {
    const show = this.#show ?? kindOf
    const { vendor } = this.#schema['~standard']
    let result: Awaited<ReturnType<Schema<unknown, T>['~standard']['validate']>>
    try {
      const answer = this.#schema['~standard'].validate(value)
      if (isThenable(answer)) throw this.#late(answer, value)
      result = answer
      if (result.issues === undefined) {
        this.#answersAtOnce = true
        return result.value
      }
    } catch (cause) {
      if (cause instanceof InvalidMessageError || cause instanceof UnsupportedError) throw cause
      throw this.#show === undefined
        ? new InvalidMessageError(`the schema (${vendor}) throws on ${kindOf(value)}`, [], { cause })
        : invalid(`the schema (${vendor}) throws on ${show(value)}`, cause)
    }
    const reasons = result.issues.map(this.#show === undefined ? whereIn : describe).join('; ')
    throw new InvalidMessageError(`the schema refuses ${show(value)}: ${reasons}`, result.issues)
  }

  #late(answer: PromiseLike<unknown>, value: unknown): InvalidMessageError | UnsupportedError {
    Promise.resolve(answer).catch(() => {})
    const { vendor } = this.#schema['~standard']
    // A peer's value may be what makes it throw: only the sender can be sure that the schema is at fault.
    if (this.#show === undefined || this.#answersAtOnce) {
      const show = this.#show ?? kindOf
      return new InvalidMessageError(
        `the schema (${vendor}) throws on, or validates asynchronously, ${show(value)}`,
      )
    }
    return new UnsupportedError(
      `the schema (${vendor}) validates asynchronously; messages need one that answers at once`,
    )
  }
}

function isThenable(value: object): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown }).then === 'function'
}

function invalid(message: string, cause: unknown): InvalidMessageError {
  return new InvalidMessageError(`${message}: ${reasonOf(cause)}`, [], { cause })
}

function describe(issue: Issue): string {
  const path = (issue.path ?? []).map(step => String(typeof step === 'object' ? step.key : step)).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

/** Where a received value is wrong. A schema's own words may quote the value: they are in `issues` only. A key may be the peer's. */
function whereIn({ path = [] }: Issue): string {
  const steps = path.slice(0, 20).map(step => String(typeof step === 'object' ? step.key : step))
  return steps.length === 0
    ? 'as a whole'
    : `at ${steps.map(step => (/^[\w$-]{1,40}$/.test(step) ? step : '(a key)')).join('.')}`
}

/** Type and size. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return `a string of ${value.length} characters`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object'
    ? 'an object'
    : typeof value === 'undefined'
      ? 'undefined'
      : `a ${typeof value}`
}

/** Enough of the caller's value to recognise it, bounded. */
function shown(value: unknown): string {
  try {
    const text = util().inspect(value, {
      depth: 1,
      breakLength: Infinity,
      maxArrayLength: 5,
      maxStringLength: 60,
    })
    return text.length > 200 ? `${text.slice(0, 200)}...` : text
  } catch {
    return kindOf(value)
  }
}
