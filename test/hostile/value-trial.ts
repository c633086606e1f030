/** Tries one message on a codec: it is refused with a typed error that quotes nothing, or becomes a value of the promised types. */
import { json } from '../../src/codec/json.ts'
import type { CodecLimits } from '../../src/codec/limits.ts'
import { msgpack } from '../../src/codec/msgpack.ts'
import { InvalidMessageError } from '../../src/errors.ts'

/** The decoder alone, given a whole message. */
export interface ValueCase {
  readonly target: 'value'
  readonly codec: 'msgpack' | 'json'
  /** In hexadecimal. */
  readonly bytes: string
  /** One of a socket that expects little. */
  readonly small: boolean
}

/** Processor time for a message however short, in milliseconds, and for each byte. 100 times what they take. */
const TIME = 100
const TIME_PER_BYTE = 0.02
const DEFAULTS: CodecLimits = { maxDecodedSize: 256 * 1024 * 1024, maxDepth: 256 }
const SMALL: CodecLimits = { maxDecodedSize: 4096, maxDepth: 8 }

const PROTOTYPES: ReadonlySet<object> = new Set(
  [Object, Array, Date, Buffer, ArrayBuffer, DataView, Int8Array, Uint8ClampedArray, Int16Array, Uint16Array]
    .concat([Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array] as never[])
    .map(({ prototype }) => prototype),
)

/** Throws what is wrong. */
export function tryValue({ codec: name, bytes, small }: ValueCase): void {
  const codec = name === 'json' ? json : msgpack
  const message = Buffer.from(bytes, 'hex')
  const limits = small ? SMALL : DEFAULTS
  const before = process.cpuUsage()
  let value: unknown
  try {
    value = codec.decode(message, limits)
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    if (error.message.length > 300) throw new Error(`a long error: ${error.message}`)
    return
  } finally {
    const { user, system } = process.cpuUsage(before)
    const took = (user + system) / 1000
    if (took > TIME + TIME_PER_BYTE * message.length) {
      // biome-ignore lint/correctness/noUnsafeFinally: the time counts whatever the end.
      throw new Error(`${message.length} bytes took ${took} ms`)
    }
  }
  checkTypes(value, limits.maxDepth)
  if (({} as { polluted?: unknown }).polluted !== undefined) throw new Error('a prototype was reached')
  // What was taken can be sent on, and arrives the same. Not JSON, which makes Infinity of 1e400 and cannot write it.
  if (name !== 'msgpack' || changes(message)) return
  const again = codec.encode(value) as Buffer
  if (!again.equals(codec.encode(codec.decode(again)) as Buffer)) throw new Error('not the same again')
}

/** msgpackr takes byte order marks away, and calls what stands under the key "toJSON". */
function changes(message: Buffer): boolean {
  return message.includes('\ufeff') || message.includes('toJSON')
}

function checkTypes(value: unknown, depth: number): void {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new Error(`a ${typeof value} was decoded`)
  if (typeof value !== 'object' || value === null) return
  const prototype = Object.getPrototypeOf(value)
  if (!PROTOTYPES.has(prototype))
    throw new Error(`an object of class ${prototype?.constructor?.name} was decoded`)
  if (prototype !== Object.prototype && prototype !== Array.prototype) return
  if (depth === 0) throw new Error('nested too deeply')
  for (const item of Array.isArray(value) ? value : Object.values(value)) checkTypes(item, depth - 1)
}
