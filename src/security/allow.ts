/** Ready-made answers for `authenticate`: known keys, known logins, address ranges, and all of several. */
import type { BlockList } from 'node:net'
import { addresses, crypto } from '../builtin.ts'
import { OptionError } from '../errors.ts'
import type { Authenticate } from './authenticate.ts'
import { type CurveKey, readKey } from './curve/keys.ts'
import { encodeZ85 } from './curve/z85.ts'
import { peerHost } from './peer-address.ts'

/** Lets in the CURVE clients with these public keys; the user id is the key in Z85. */
export function allowKeys(keys: Iterable<CurveKey>): Authenticate {
  const allowed = new Set(Array.from(keys, key => encodeZ85(readKey('allowKeys', key))))
  return ({ publicKey }) => {
    const userId = publicKey && encodeZ85(publicKey)
    return userId !== undefined && allowed.has(userId)
      ? { accept: true, userId }
      : { accept: false, reason: 'the key is not among those allowed' }
  }
}

/** Lets in the PLAIN clients with these passwords by user name; the user id is the name. */
export function allowUsers(passwords: Readonly<Record<string, string>>): Authenticate {
  const digests = new Map(Object.entries(passwords).map(([name, password]) => [name, digest(password)]))
  // Compared with for an unknown name, so that known names do not answer later than others.
  const nobody = digest('')
  return ({ username = '', password = '' }) => {
    const known = digests.get(username)
    const same = crypto().timingSafeEqual(digest(password), known ?? nobody)
    return known !== undefined && same
      ? { accept: true, userId: username }
      : { accept: false, reason: 'the name or the password is wrong' }
  }
}

/** Lets in tcp peers from these addresses and ranges (`10.0.0.0/8`, `::1`); nobody over other transports. */
export function allowAddresses(...ranges: readonly string[]): Authenticate {
  const allowed = new (addresses().BlockList)()
  for (const range of ranges) addRange(allowed, range)
  return ({ address }) => {
    const peer = peerHost(address)
    return peer !== undefined && allowed.check(peer.host, peer.family)
      ? true
      : { accept: false, reason: `${address} is in no range that is allowed` }
  }
}

/** Lets in whom all of them let in; the first refusal counts, and the last user id. */
export function allowAll(...checks: readonly [Authenticate, ...Authenticate[]]): Authenticate {
  if (checks.length === 0) throw new OptionError('allowAll', 'allowAll() needs at least one check')
  return async request => {
    let userId: string | undefined
    for (const check of checks) {
      const answer = await check(request)
      if (answer === true) continue
      if (answer === false || answer.accept !== true) return answer
      userId = answer.userId ?? userId
    }
    return userId === undefined ? true : { accept: true, userId }
  }
}

function addRange(list: BlockList, range: string): void {
  const [address, prefix, ...rest] = String(range).split('/')
  const version = addresses().isIP(address!)
  const bits = version === 4 ? 32 : 128
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (version === 0 || length < 0 || length > bits || rest.length > 0) {
    throw new OptionError(
      'allowAddresses',
      `not an address or range: "${range}"; write 10.0.0.0/8, 192.168.1.7 or 2001:db8::/32`,
    )
  }
  list.addSubnet(address!, length, version === 4 ? 'ipv4' : 'ipv6')
}

function digest(password: string): Buffer {
  return crypto().createHash('sha256').update(password).digest()
}
