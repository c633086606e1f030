/** Endpoint strings: `tcp://host:port`, `ipc://path`, `ipc://@name`, `inproc://name`. Parsing only, no look-ups. */
import { utf8 } from './bytes.ts'
import { AddressError } from './errors.ts'

export interface TcpEndpoint {
  readonly scheme: 'tcp'
  /** IPv4, IPv6 without brackets, a host name, or `*` for every interface. */
  readonly host: string
  /** 0 to 65535; 0 (or `*` in the string) lets the system choose when binding. */
  readonly port: number
}

export interface IpcEndpoint {
  readonly scheme: 'ipc'
  /** A file path, or the name after `@` when `abstract`. */
  readonly path: string
  /** A Linux abstract name: no file, gone with its last owner. */
  readonly abstract: boolean
}

export interface InprocEndpoint {
  readonly scheme: 'inproc'
  readonly name: string
}

export type Endpoint = TcpEndpoint | IpcEndpoint | InprocEndpoint

/** Unix socket paths: 107 bytes and the closing NUL fill Linux's `sun_path`; Node 20 cuts longer ones silently. BSD and macOS have 103. */
export const MAX_IPC_PATH = process.platform === 'linux' ? 107 : 103

/**
 * Splits an endpoint string. Throws `AddressError` that quotes it and says what would be right.
 * The scheme need not be known here: whether a transport exists for it is the engine's question.
 */
export function schemeOf(endpoint: string): string {
  const match = typeof endpoint === 'string' ? /^([a-z][a-z0-9+.-]*):\/\//i.exec(endpoint) : null
  if (match === null) {
    throw new AddressError(
      typeof endpoint === 'string' ? endpoint : quote(endpoint),
      `not an endpoint: ${quote(endpoint)}; write tcp://host:port, ipc://path or inproc://name`,
    )
  }
  const scheme = match[1]!
  const lower = scheme.toLowerCase()
  if (scheme !== lower) {
    throw new AddressError(endpoint, `the scheme of ${quote(endpoint)} must be in lower case: ${lower}://`)
  }
  return scheme
}

/** Parses `tcp://host:port`. Port 0 and `*` are for binding; `forConnect` refuses them. */
export function parseTcp(endpoint: string, forConnect = false): TcpEndpoint {
  const wrong = (reason: string) =>
    new AddressError(endpoint, `${reason} in ${quote(endpoint)}; ${TCP_FORMS}`)
  const match = /^tcp:\/\/(.*):([^:\]]*)$/s.exec(endpoint)
  if (match === null) throw wrong('no port')
  const host = parseHost(match[1]!, wrong)
  const digits = match[2]!
  if (!/^(\d{1,5}|\*)$/.test(digits)) throw wrong(`not a port: ${quote(digits)}`)
  const port = digits === '*' ? 0 : Number(digits)
  if (port > 65535) throw wrong(`port ${port}, which is over 65535,`)
  if (forConnect && (host === '*' || port === 0)) {
    throw new AddressError(
      endpoint,
      `cannot connect to ${quote(endpoint)}: a host and a port from 1 to 65535 are needed`,
    )
  }
  return { scheme: 'tcp', host, port }
}

const TCP_FORMS = 'write tcp://127.0.0.1:5555, tcp://[::1]:5555 or tcp://name:5555, or tcp://*:5555 to bind'

/** Whether the name resolves, and the address is one of this machine, is the system's to say. */
function parseHost(host: string, wrong: (reason: string) => AddressError): string {
  if (host === '') throw wrong('no host')
  if (host.startsWith('[')) {
    // The zone of a link-local address follows a percent sign: [fe80::1%eth0].
    // That a colon is in it is asked apart: in the expression it would take the square of the colons.
    const match = /^\[([0-9a-f:.]+(?:%[^\s[\]/%]+)?)\]$/i.exec(host)
    if (match === null || !match[1]!.split('%', 1)[0]!.includes(':'))
      throw wrong(`not an IPv6 address: ${quote(host)}`)
    return match[1]!
  }
  if (host.includes(':')) throw wrong(`an IPv6 address without brackets: ${quote(host)}`)
  if (host !== '*' && /[\s/\\*;,@?#%[\]]/.test(host)) throw wrong(`not a host: ${quote(host)}`)
  return host
}

/** Parses `ipc://path` and `ipc://@name`. The path `*` is for binding; `forConnect` refuses it. */
export function parseIpc(endpoint: string, forConnect = false): IpcEndpoint {
  const rest = endpoint.slice('ipc://'.length)
  const abstract = rest.startsWith('@')
  const path = abstract ? rest.slice(1) : rest
  if (!endpoint.startsWith('ipc://') || path === '' || path.includes('\0')) {
    throw new AddressError(
      endpoint,
      `not an ipc endpoint: ${quote(endpoint)}; write ipc:///tmp/name.sock or ipc://@name`,
    )
  }
  if (forConnect && rest === '*') {
    throw new AddressError(
      endpoint,
      `cannot connect to ${quote(endpoint)}: the path that bind answered is needed`,
    )
  }
  const bytes = utf8(path).length
  if (bytes > MAX_IPC_PATH) {
    throw new AddressError(
      endpoint,
      `the path of ${quote(endpoint)} has ${bytes} bytes; Unix sockets allow ${MAX_IPC_PATH}: choose a shorter one`,
    )
  }
  return { scheme: 'ipc', path, abstract }
}

/** Parses `inproc://name`. */
export function parseInproc(endpoint: string): InprocEndpoint {
  const name = endpoint.slice('inproc://'.length)
  if (!endpoint.startsWith('inproc://') || name === '') {
    throw new AddressError(endpoint, `not an inproc endpoint: ${quote(endpoint)}; write inproc://name`)
  }
  return { scheme: 'inproc', name }
}

/** The string of a tcp endpoint; IPv6 gets its brackets. */
export function formatTcp(host: string, port: number): string {
  return host.includes(':') ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`
}

function quote(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 200 ? `${value.slice(0, 200)}...` : value}"`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
