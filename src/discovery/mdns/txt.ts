/** A service as the `key=value` strings of a TXT record (RFC 6763, 6), and back. */
import { OptionError } from '../../errors.ts'
import { isSocketType } from '../../socket-type.ts'
import type { Service } from '../discovery.ts'

/** RFC 6763, 6.1: one length byte. */
const MAX_ITEM = 255
/** RFC 6763, 6.2: what it recommends at most. */
const MAX_TXT = 1300
const META = 'meta.'
/** RFC 32: 32 bytes in 40 characters. */
const Z85_KEY = /^[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/

export type TxtFields = Omit<Service, 'endpoints' | 'instance' | 'name' | 'priority' | 'weight'> & {
  readonly name: string | undefined
  readonly instance: string | undefined
}

/** Throws `OptionError` when the service says more than a TXT record can. */
export function encodeTxt(service: Omit<Service, 'endpoints'>): Buffer[] {
  const items: [string, string | undefined][] = [
    ['txtvers', '1'],
    ['name', service.name],
    ['id', service.instance],
    ['type', service.socketType],
    ['zmtp', service.protocol],
    ['security', service.mechanism],
    ['key', service.publicKey],
    ['codec', service.codec],
    ['contract', service.contract],
    ...Object.entries(service.meta ?? {}).map(([key, value]): [string, string] => [
      META + checkKey(key),
      value,
    ]),
  ]
  const strings: Buffer[] = []
  let total = 0
  for (const [key, value] of items) {
    if (value === undefined) continue
    const item = Buffer.from(`${key}=${value}`)
    if (item.length > MAX_ITEM) {
      throw new OptionError(
        key,
        `"${key}=${value.slice(0, 40)}..." has ${item.length} bytes; a TXT item has at most ${MAX_ITEM}`,
      )
    }
    total += item.length + 1
    strings.push(item)
  }
  if (total > MAX_TXT) {
    throw new OptionError(
      'meta',
      `the announcement's TXT record has ${total} bytes; at most ${MAX_TXT} fit: say less in meta`,
    )
  }
  return strings
}

function checkKey(key: string): string {
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(key)) return key
  throw new OptionError('meta', `the meta key ${JSON.stringify(key)} must be printable ASCII without "="`)
}

/** What the strings say; undefined when a known one has an impossible value. A key said twice counts once (RFC 6763, 6.4). */
export function decodeTxt(strings: readonly Uint8Array[]): TxtFields | undefined {
  const known = new Map<string, string>()
  const meta: Record<string, string> = Object.create(null)
  for (const string of strings) {
    const item = Buffer.from(string).toString('utf8')
    const cut = item.indexOf('=')
    if (cut <= 0) continue
    const key = item.slice(0, cut)
    const value = item.slice(cut + 1)
    if (key.startsWith(META)) meta[key.slice(META.length)] ??= value
    else if (!known.has(key.toLowerCase())) known.set(key.toLowerCase(), value)
  }
  const socketType = known.get('type')
  const mechanism = known.get('security')
  if (socketType !== undefined && !isSocketType(socketType)) return undefined
  if (mechanism !== undefined && !isMechanism(mechanism)) return undefined
  const publicKey = known.get('key')
  if (publicKey !== undefined && !Z85_KEY.test(publicKey)) return undefined
  return {
    name: known.get('name'),
    instance: known.get('id'),
    socketType,
    protocol: known.get('zmtp'),
    mechanism,
    publicKey,
    codec: known.get('codec'),
    contract: known.get('contract'),
    meta,
  }
}

function isMechanism(word: string): word is 'NULL' | 'PLAIN' | 'CURVE' {
  return word === 'NULL' || word === 'PLAIN' || word === 'CURVE'
}
