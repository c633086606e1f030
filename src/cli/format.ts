/** The formats of `--format`: how a line becomes a message and a message a line. */
import {
  type Codec,
  type Frame,
  InvalidMessageError,
  json,
  messageOf,
  msgpack,
  partsOf,
  raw,
  text,
} from '../index.ts'
import type { LineLayout, LineMessage } from './line-message.ts'

export const FORMATS = ['text', 'json', 'ndjson', 'msgpack', 'hex', 'raw'] as const
export type FormatName = (typeof FORMATS)[number]

export interface Format {
  /** The codec of the socket: parts as values. Its name is what the library's codec is called, for discovery compares it. */
  readonly codec: Codec<readonly unknown[]>
  /** The message a line stands for. Throws `InvalidMessageError`. */
  readonly read: (line: Buffer) => LineMessage
  /** What is printed for a message, the newline included. */
  readonly write: (message: LineMessage) => Buffer | string
  /** All of the input is one message: there are no lines. */
  readonly whole: boolean
}

export function formatOf(name: FormatName, layout: LineLayout): Format {
  switch (name) {
    case 'text':
      return columns(layout, text, { read: value => value, write: String })
    case 'hex':
      return columns(layout, raw, { read: fromHex, write: part => bufferOf(part as Frame).toString('hex') })
    case 'json':
      return values(layout, json, 2)
    case 'ndjson':
      return values(layout, json)
    case 'msgpack':
      return values(layout, msgpack)
    case 'raw':
      return {
        codec: partwise(raw),
        read: line => ({ head: layout.fixed, parts: [line] }),
        write: ({ parts }) => Buffer.concat(parts as Frame[]),
        whole: true,
      }
  }
}

interface Column {
  readonly read: (column: string) => unknown
  readonly write: (part: unknown) => string
}

/** Parts side by side, with a tab between. */
function columns(layout: LineLayout, codec: Codec<any>, column: Column): Format {
  const { head, fixed, multipart } = layout
  return {
    codec: partwise(codec),
    read: bytes => {
      const line = text.decode(bytes)
      const own = head !== undefined && fixed === undefined
      const cut = own ? line.indexOf('\t') : -1
      if (own && cut === -1) {
        if (head === 'topic') return { head: line, parts: [] }
        throw new InvalidMessageError('no tab after the peer')
      }
      const rest = line.slice(cut + 1)
      const parts = (multipart ? rest.split('\t') : [rest]).map(part => column.read(part))
      return { head: own ? line.slice(0, cut) : fixed, parts }
    },
    write: message => {
      const shown = message.parts.map(part => column.write(part))
      // A message that is a topic and nothing else.
      const bare = head === 'topic' && shown.length === 1 && shown[0] === ''
      return `${[...(message.head === undefined ? [] : [message.head]), ...(bare ? [] : shown)].join('\t')}\n`
    },
    whole: false,
  }
}

/** JSON values: of the only part, or with `multipart` an array of all; with a head, `{ topic, value }`. */
function values(layout: LineLayout, codec: Codec<any>, indent?: number): Format {
  const { head, fixed, multipart } = layout
  const partsIn = (value: unknown): readonly unknown[] => {
    if (!multipart) return [value]
    if (Array.isArray(value) && value.length > 0) return value
    throw new InvalidMessageError('with --multipart the value must be an array of at least one part')
  }
  return {
    codec: partwise(codec, { most: multipart ? Infinity : 1, absent: head === 'topic' }),
    read: line => {
      const value = parse(line)
      if (head === undefined || fixed !== undefined) return { head: fixed, parts: partsIn(value) }
      const { [head]: name, value: body } = Object(value) as Record<string, unknown>
      if (typeof name !== 'string') {
        throw new InvalidMessageError(`no text member "${head}": write {"${head}": "...", "value": ...}`)
      }
      return { head: name, parts: body === undefined ? [] : partsIn(body) }
    },
    write: ({ head: name, parts }) => {
      const body = multipart ? parts : parts[0]
      const value = head === undefined ? body : { [head]: name, value: body }
      return `${shown(value, indent)}\n`
    },
    whole: false,
  }
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(text.decode(line))
  } catch (cause) {
    throw new InvalidMessageError(`not JSON: ${(cause as Error).message}`, [], { cause })
  }
}

/** Characters that indenting may add. A peer chooses the depth: 500 KB nested 1,000 times deep would become 500 MB. */
const MAX_INDENT = 2 ** 20

/** JSON; on one line where indenting it would cost too much. Throws `InvalidMessageError` for what cannot be shown. */
function shown(value: unknown, indent: number | undefined): string {
  try {
    const line = JSON.stringify(value, showable())
    const deep =
      indent !== undefined && line !== undefined && depthOf(line) * indent * line.length > MAX_INDENT
    return indent === undefined || deep ? line : JSON.stringify(value, showable(), indent)
  } catch (cause) {
    // The depth of the stack, or the longest string.
    if (!(cause instanceof RangeError)) throw cause
    throw new InvalidMessageError('a value nested too deeply, or too long, to be shown', [], { cause })
  }
}

/** At most as many levels as this JSON has; brackets in strings count too. */
function depthOf(json: string): number {
  let depth = 0
  let most = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) most = Math.max(most, ++depth)
    else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1)
  }
  return most
}

/** Bytes of typed arrays in one value. Each element becomes a member with its index as name: 24 MB took 2.7 GB and 80 s (measured). */
const MAX_LISTED = 2 ** 20

/** What MessagePack has and JSON has not: large integers become their digits, bytes base64. For one value. */
function showable(): (this: unknown, key: string, value: unknown) => unknown {
  let room = MAX_LISTED
  return function (key, value) {
    if (typeof value === 'bigint') return value.toString()
    const original = (this as Record<string, unknown>)[key]
    if (original instanceof Uint8Array) return bufferOf(original).toString('base64')
    if (!ArrayBuffer.isView(original)) return value
    room -= original.byteLength
    if (room >= 0) return value
    throw new InvalidMessageError(`typed arrays of more than ${MAX_LISTED} bytes are not shown`)
  }
}

interface Limits {
  /** Parts a message may have to be shown. */
  readonly most: number
  /** A body of no bytes stands for none: a publication may be a topic and nothing else. */
  readonly absent: boolean
}

/** A codec for each part. */
function partwise(
  codec: Codec<any>,
  { most, absent }: Limits = { most: Infinity, absent: false },
): Codec<readonly unknown[]> {
  return {
    name: codec.name,
    encode: parts => messageOf(parts.map(part => codec.encode(part) as Frame)),
    decode: message => {
      const parts = partsOf(message)
      if (parts.length > most) {
        throw new InvalidMessageError(`a message of ${parts.length} parts; --multipart shows them`)
      }
      if (absent && parts.length === 1 && parts[0]!.length === 0) return [null]
      return parts.map(part => codec.decode(part))
    },
  }
}

function fromHex(digits: string): Buffer {
  const packed = digits.replaceAll(' ', '')
  if (/^([0-9a-f]{2})*$/i.test(packed)) return Buffer.from(packed, 'hex')
  throw new InvalidMessageError('not hex: an even number of the digits 0-9 a-f')
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
