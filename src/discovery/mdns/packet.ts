/** DNS messages as service discovery uses them (RFC 6762, RFC 6763): of what dns-packet reads, the five record types that matter. */
import { type Answer, encodingLength, type Packet, type Question as PacketQuestion } from 'dns-packet'

export type RecordType = 'A' | 'AAAA' | 'PTR' | 'SRV' | 'TXT'

export interface Question {
  /** Labels joined by dots. A dot inside a label looks the same: dns-packet does not tell. */
  readonly name: string
  readonly type: RecordType | 'ANY'
}

interface RecordHead {
  readonly name: string
  /** Seconds; 0 is a goodbye (RFC 6762, 10.1). */
  readonly ttl: number
  /** The cache-flush bit: this is the whole truth about the name and type (RFC 6762, 10.2). */
  readonly flush?: boolean
}

export type DnsRecord = AddressRecord | PointerRecord | LocationRecord | TextRecord

export interface AddressRecord extends RecordHead {
  readonly type: 'A' | 'AAAA'
  readonly data: string
}

export interface PointerRecord extends RecordHead {
  readonly type: 'PTR'
  readonly data: string
}

export interface LocationRecord extends RecordHead {
  readonly type: 'SRV'
  readonly data: ServiceLocation
}

export interface TextRecord extends RecordHead {
  readonly type: 'TXT'
  readonly data: Buffer[]
}

export interface ServiceLocation {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

export interface DnsMessage {
  readonly response: boolean
  readonly questions: readonly Question[]
  /** Answers, authorities and additionals alike: to mDNS they are all just news. */
  readonly records: readonly DnsRecord[]
}

/** Records share a datagram up to an Ethernet frame. */
export const DATAGRAM = 1_400

const TYPES: ReadonlySet<string> = new Set<RecordType>(['A', 'AAAA', 'PTR', 'SRV', 'TXT'])

/** As dns-packet takes it. Its types do not know that one can ask for ANY. */
export function packetOf({ questions, records }: DnsMessage) {
  return { questions: [...questions] as PacketQuestion[], answers: [...records] } satisfies Packet
}

/** Bytes on the wire. */
export function sizeOf(message: DnsMessage): number {
  return encodingLength(packetOf(message))
}

/** The news in what dns-packet has read. */
export function messageOf(packet: Packet): DnsMessage {
  const { type, questions = [], answers = [], authorities = [], additionals = [] } = packet
  return {
    response: type === 'response',
    questions: questions.filter(isOurs) as Question[],
    records: [...answers, ...authorities, ...additionals].filter(isNews),
  }
}

function isOurs(question: { readonly type: string }): boolean {
  return TYPES.has(question.type) || question.type === 'ANY'
}

function isNews(record: Answer): record is DnsRecord {
  return TYPES.has(record.type) && (record as DnsRecord & Answer).class === 'IN'
}

/**
 * Whether dns-packet can write the name. It splits at every dot and drops dots at the ends of lines, so that names with empty
 * labels or line breaks come out broken; and bytes that were no UTF-8 come out longer than they were.
 */
export function isWritable(name: string): boolean {
  return !/^\.|\.\.|\.$|[\p{Cc}\u2028\u2029\ufffd]/u.test(name)
}
