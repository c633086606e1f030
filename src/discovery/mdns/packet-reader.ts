/** Reads a DNS message. Bounded in work whatever the bytes are: a name compressed by a chain of pointers costs the sender, not us. */
import {
  type DnsMessage,
  type DnsRecord,
  escapeLabel,
  MAX_MESSAGE,
  type Question,
  type RecordType,
  TYPE_CODES,
} from './packet.ts'

const TYPE_NAMES = new Map(Object.entries(TYPE_CODES).map(([name, code]) => [code, name as RecordType]))

/** Labels and pointers in all names of a message. An honest one of 9,000 bytes has under 5,000. */
const MAX_STEPS = 10_000
/** RFC 1035, 2.3.4. */
const MAX_NAME = 255

class Reader {
  readonly #bytes: Buffer
  #at = 12
  #steps = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** A name with its pointers followed; each must point before the part that led to it, so that it ends. */
  #name(): string {
    const bytes = this.#bytes
    const labels: string[] = []
    let length = 0
    let at = this.#at
    let before = at
    let jumped = false
    for (;;) {
      if (++this.#steps > MAX_STEPS) throw new RangeError('names with too many parts')
      const size = bytes.readUInt8(at)
      if (size >= 0xc0) {
        const target = bytes.readUInt16BE(at) & 0x3fff
        if (target >= before) throw new RangeError('a name that points forward')
        if (!jumped) this.#at = at + 2
        jumped = true
        at = before = target
        continue
      }
      if (size >= 0x40) throw new RangeError('a label of an unknown kind')
      const end = at + 1 + size
      if (end > bytes.length || (length += size + 1) > MAX_NAME)
        throw new RangeError('a name that is too long')
      if (size > 0) labels.push(escapeLabel(bytes.toString('utf8', at + 1, end)))
      at = end
      if (size === 0) break
    }
    if (!jumped) this.#at = at
    return labels.join('.')
  }

  #uint16(): number {
    const value = this.#bytes.readUInt16BE(this.#at)
    this.#at += 2
    return value
  }

  question(): Question | undefined {
    const name = this.#name()
    const type = TYPE_NAMES.get(this.#uint16())
    this.#uint16()
    return type && { name, type }
  }

  /** Undefined for a record of another type or class. */
  record(): DnsRecord | undefined {
    const name = this.#name()
    const type = TYPE_NAMES.get(this.#uint16())
    const group = this.#uint16()
    const ttl = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    const size = this.#uint16()
    const end = this.#at + size
    if (end > this.#bytes.length) throw new RangeError('a record beyond the end')
    const data = (group & 0x7fff) === 1 && type !== undefined ? this.#data(type, size) : undefined
    this.#at = end
    if (data === undefined) return undefined
    return { name, ttl, type, data, ...(group & 0x8000 ? { flush: true } : {}) } as DnsRecord
  }

  #data(type: RecordType, size: number): DnsRecord['data'] | undefined {
    const at = this.#at
    if (type === 'PTR') return this.#name()
    if (type === 'A') return size === 4 ? this.#bytes.subarray(at, at + 4).join('.') : undefined
    if (type === 'AAAA') return size === 16 ? formatIPv6(this.#bytes.subarray(at, at + 16)) : undefined
    if (type === 'TXT') return this.#strings(at + size)
    if (type !== 'SRV' || size < 7) return undefined
    return { priority: this.#uint16(), weight: this.#uint16(), port: this.#uint16(), target: this.#name() }
  }

  #strings(end: number): Uint8Array[] {
    const strings: Uint8Array[] = []
    for (let at = this.#at; at < end; ) {
      const next = at + 1 + this.#bytes[at]!
      if (next > end) throw new RangeError('a string beyond its record')
      if (next > at + 1) strings.push(this.#bytes.subarray(at + 1, next))
      at = next
    }
    return strings
  }
}

function formatIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16))
  // RFC 5952 is what URL writes.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** Throws `RangeError` for bytes that are no DNS message. */
export function readMessage(bytes: Buffer): DnsMessage {
  if (bytes.length < 12 || bytes.length > MAX_MESSAGE) throw new RangeError(`${bytes.length} bytes`)
  const reader = new Reader(bytes)
  const questions: Question[] = []
  const records: DnsRecord[] = []
  for (let count = bytes.readUInt16BE(4); count > 0; count--) {
    const question = reader.question()
    if (question) questions.push(question)
  }
  for (
    let count = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
    count > 0;
    count--
  ) {
    const record = reader.record()
    if (record) records.push(record)
  }
  return { response: (bytes[2]! & 0x80) !== 0, questions, records }
}
