/** What the sockets' constructors take: options of the engine, the engine itself, and the contract. */

import type { Codec } from '../codec/codec.ts'
import { checked, copying, limited } from '../codec/codec-wrappers.ts'
import { json } from '../codec/json.ts'
import type { CodecLimits } from '../codec/limits.ts'
import { msgpack } from '../codec/msgpack.ts'
import { raw } from '../codec/raw.ts'
import type { Schema } from '../codec/schema.ts'
import { text } from '../codec/text.ts'
import type { CoreOptions, Engine } from '../engine/engine.ts'
import { OptionError } from '../errors.ts'
import type { SocketOptions } from '../options.ts'
import type { SocketType } from '../socket-type.ts'

/** Options that mean something to some socket types only, and to which. */
const SPECIFIC_OPTIONS = {
  onFull: ['PUB', 'XPUB', 'ROUTER'],
  dispatch: ['PUSH', 'DEALER', 'REQ'],
  immediate: ['PUSH', 'DEALER', 'REQ', 'PAIR'],
  mandatory: ['ROUTER'],
  handover: ['ROUTER'],
  verbose: ['XPUB'],
  maxTopics: ['XPUB'],
  strict: ['REQ'],
  copy: ['PUSH', 'PUB', 'XPUB', 'XSUB', 'REQ', 'REP', 'DEALER', 'ROUTER', 'PAIR'],
} as const satisfies Partial<Record<keyof SocketOptions, readonly SocketType[]>>

type SpecificOption = keyof typeof SPECIFIC_OPTIONS

/** These options of the table, each optional. */
export type Some<Names extends keyof SocketOptions> = {
  readonly [Name in Names]?: SocketOptions[Name] | undefined
}

/** What every socket takes. */
export interface CommonSettings extends Some<Exclude<keyof SocketOptions, SpecificOption>> {
  /** The engine that does the work. Default: our own, ZMTP in TypeScript. */
  readonly engine?: Engine | undefined
  /** The mechanism of every connection. Default NULL: no authentication, no encryption. */
  readonly security?: CoreOptions['security']
  /** Asked about each peer before it is let in. Default: everybody is. */
  readonly authenticate?: CoreOptions['authenticate']
}

/** What sending sockets take besides. */
export type SendSettings = CommonSettings & Some<'copy'>

/** What sockets that deal messages out take besides. */
export type DealSettings = SendSettings & Some<'dispatch' | 'immediate'>

/** What publishing sockets take besides. */
export interface PublishSettings extends CommonSettings, Some<'copy'> {
  /** What becomes of a message for a peer at its mark; 'wait' holds it back for all. Default 'drop-newest'. */
  readonly onFull?: 'drop-newest' | 'drop-oldest' | 'wait' | undefined
}

/** A codec for whatever type: with a schema beside it, the schema says which. */
export type AnyCodec = Codec<any>

/** For sending `T`: the schema's input type. */
export interface SendContract<T> {
  readonly schema: Schema<T, unknown>
  readonly codec?: AnyCodec | undefined
}

/** For receiving `T`: the schema's output type. */
export interface ReceiveContract<T> {
  readonly schema: Schema<unknown, T>
  readonly codec?: AnyCodec | undefined
}

/** No schema: the codec says the type. */
export interface CodecContract<T> {
  readonly codec: Codec<T>
  readonly schema?: undefined
}

/** Nothing is checked: the type is the class's type argument, or unknown. */
export interface OpenContract {
  readonly codec?: Codec<unknown> | undefined
  readonly schema?: undefined
}

/** Throws `OptionError` for an option, or a value of `onFull`, that means nothing to this socket type. */
export function checkSpecificOptions(type: SocketType, settings: object): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || !Object.hasOwn(SPECIFIC_OPTIONS, name)) continue
    const types: readonly SocketType[] = SPECIFIC_OPTIONS[name as SpecificOption]
    if (types.includes(type)) continue
    throw new OptionError(name, `option ${name} means nothing to ${type}; it is for ${types.join(', ')}`)
  }
  const { onFull } = settings as { onFull?: unknown }
  const foreign = type === 'ROUTER' ? ['drop-newest', 'drop-oldest'] : ['reject']
  if (foreign.includes(onFull as string)) {
    throw new OptionError('onFull', `option onFull is "${onFull}", which ${type} cannot do`)
  }
}

/** What a contract's member holds, once checked. */
export function schemaIn(settings: object, name: string): Schema<unknown, any> | undefined {
  const schema = (settings as Record<string, unknown>)[name]
  if (schema === undefined || isSchema(schema)) return schema
  throw new OptionError(
    name,
    `${name} is ${typeof schema}; it must be a Standard Schema, such as zod's or valibot's`,
  )
}

export function isSchema(value: unknown): value is Schema<unknown, any> {
  return value !== null && (typeof value === 'object' || typeof value === 'function') && '~standard' in value
}

/** Codecs that make messages and nothing else: `raw` itself looks at what it is given. */
const OURS: ReadonlySet<AnyCodec> = new Set([json, msgpack, raw, text])

/** The contract's codec, MessagePack by default; made to copy when the settings say so. Throws `OptionError`. Every class asks for it first. */
export function codecIn(settings: object): AnyCodec {
  if (typeof settings !== 'object' || settings === null) {
    const shown = typeof settings === 'string' ? `"${settings}"` : String(settings)
    throw new OptionError(
      'settings',
      `a socket is made of an object such as { linger: 0 }, not of ${shown}; endpoints go to bind or connect`,
    )
  }
  const {
    codec = msgpack,
    copy,
    ...limits
  } = settings as { codec?: AnyCodec; copy?: boolean } & Partial<CodecLimits>
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new OptionError('codec', 'a codec has encode and decode: msgpack, json, text, raw or your own')
  }
  const safe = limited(OURS.has(codec) ? codec : checked(codec), limits)
  return copy === true ? copying(safe) : safe
}
