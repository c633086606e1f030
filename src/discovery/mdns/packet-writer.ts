/** Writes a DNS message, names compressed (RFC 1035, 4.1.4; RFC 6762, 18.14 allows it in SRV too). */
import { type DnsMessage, type DnsRecord, labelsOf, MAX_MESSAGE, TYPE_CODES } from './packet.ts'

const INTERNET = 1
const CACHE_FLUSH = 0x8000

class Writer {
  readonly #bytes = Buffer.alloc(MAX_MESSAGE)
  readonly #offsets = new Map<string, number>()
  #at = 12

  name(name: string): void {
    const labels = labelsOf(name)
    for (let first = 0; first < labels.length; first++) {
      const rest = JSON.stringify(labels.slice(first))
      const known = this.#offsets.get(rest)
      if (known !== undefined) {
        this.uint16(0xc000 | known)
        return
      }
      if (this.#at <= 0x3fff) this.#offsets.set(rest, this.#at)
      const label = Buffer.from(labels[first]!)
      if (label.length > 63) throw new RangeError(`a label of ${label.length} bytes: "${labels[first]}"`)
      this.string(label)
    }
    this.#at = this.#bytes.writeUInt8(0, this.#at)
  }

  uint16(value: number): void {
    this.#at = this.#bytes.writeUInt16BE(value, this.#at)
  }

  string(bytes: Uint8Array): void {
    this.#at = this.#bytes.writeUInt8(bytes.length, this.#at)
    this.#raw(bytes)
  }

  #raw(bytes: Uint8Array): void {
    if (this.#at + bytes.length > MAX_MESSAGE) throw new RangeError(`over ${MAX_MESSAGE} bytes`)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  record(record: DnsRecord): void {
    this.name(record.name)
    this.uint16(TYPE_CODES[record.type])
    this.uint16(record.flush ? INTERNET | CACHE_FLUSH : INTERNET)
    this.#at = this.#bytes.writeUInt32BE(record.ttl, this.#at)
    const lengthAt = this.#at
    this.uint16(0)
    this.#data(record)
    this.#bytes.writeUInt16BE(this.#at - lengthAt - 2, lengthAt)
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case 'PTR':
        this.name(record.data)
        break
      case 'A':
        this.#raw(Uint8Array.from(record.data.split('.'), Number))
        break
      case 'AAAA':
        for (const group of groupsOf(record.data)) this.uint16(group)
        break
      case 'TXT':
        // RFC 6763, 6.1: a TXT record has at least one string.
        for (const item of record.data.length > 0 ? record.data : [new Uint8Array()]) this.string(item)
        break
      case 'SRV':
        for (const value of [record.data.priority, record.data.weight, record.data.port]) this.uint16(value)
        this.name(record.data.target)
    }
  }

  finish(response: boolean, questions: number, answers: number): Buffer {
    // A response is authoritative (RFC 6762, 18.4).
    this.#bytes.writeUInt16BE(response ? 0x8400 : 0, 2)
    this.#bytes.writeUInt16BE(questions, 4)
    this.#bytes.writeUInt16BE(answers, 6)
    return this.#bytes.subarray(0, this.#at)
  }
}

/** The eight groups of an IPv6 address without scope. */
function groupsOf(address: string): number[] {
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = head ? head.split(':') : []
  const back = tail ? tail.split(':') : []
  const zeros = Array<string>(8 - front.length - back.length).fill('0')
  return [...front, ...zeros, ...back].map(group => Number.parseInt(group, 16))
}

/** Throws `RangeError` when it does not fit: over 9,000 bytes, a label over 63, a string over 255. */
export function writeMessage(message: DnsMessage): Buffer {
  const writer = new Writer()
  for (const question of message.questions) {
    writer.name(question.name)
    writer.uint16(TYPE_CODES[question.type])
    writer.uint16(INTERNET)
  }
  for (const record of message.records) writer.record(record)
  return writer.finish(message.response, message.questions.length, message.records.length)
}
