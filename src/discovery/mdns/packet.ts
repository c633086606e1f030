/** DNS messages as mDNS uses them (RFC 1035, RFC 6762): the five record types of service discovery, bytes in, bytes out. */

export type RecordType = 'A' | 'AAAA' | 'PTR' | 'SRV' | 'TXT'

export interface Question {
  /** Labels joined by dots; a dot or backslash inside a label is escaped by a backslash. */
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
  readonly data: readonly Uint8Array[]
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

/** RFC 6762, 17: the longest message, headers included. */
export const MAX_MESSAGE = 9000

export const TYPE_CODES: Readonly<Record<RecordType | 'ANY', number>> = {
  A: 1,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  ANY: 255,
}

/** The labels of a name; `\.` and `\\` are unescaped. */
export function labelsOf(name: string): string[] {
  const labels: string[] = []
  let label = ''
  for (let at = 0; at < name.length; at++) {
    const char = name[at]!
    if (char === '\\' && at + 1 < name.length) label += name[++at]
    else if (char === '.') {
      if (label !== '') labels.push(label)
      label = ''
    } else label += char
  }
  if (label !== '') labels.push(label)
  return labels
}

/** One label, so that it can stand in a name. */
export function escapeLabel(label: string): string {
  return label.replace(/[\\.]/g, '\\$&')
}
