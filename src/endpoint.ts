/** Endpoint strings: `tcp://host:port`, `ipc://path`, `ipc://@name`, `inproc://name`. Parsing only, no look-ups. */
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

/** Unix socket paths: 107 bytes and the closing NUL fill `sun_path`; Node 20 cuts longer ones silently. */
export const MAX_IPC_PATH = 107

/**
 * Splits an endpoint string. Throws `AddressError` that quotes it and says what would be right.
 * The scheme need not be known here: whether a transport exists for it is the engine's question.
 */
export function schemeOf(endpoint: string): string {
  const match = typeof endpoint === 'string' ? /^([a-z][a-z0-9+.-]*):\/\//.exec(endpoint) : null
  if (match === null) {
    throw new AddressError(
      String(endpoint),
      `not an endpoint: ${quote(endpoint)}; write tcp://host:port, ipc://path or inproc://name`,
    )
  }
  return match[1]!
}

/** Parses `tcp://host:port`. Port 0 and `*` are for binding; `connect` refuses them with `forConnect`. */
export function parseTcp(endpoint: string, forConnect = false): TcpEndpoint {
  const match = /^tcp:\/\/(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5}|\*)$/.exec(endpoint)
  if (match === null) {
    throw new AddressError(
      endpoint,
      `not a tcp endpoint: ${quote(endpoint)}; write tcp://127.0.0.1:5555, tcp://[::1]:5555 or tcp://name:5555`,
    )
  }
  const host = match[1] ?? match[2]!
  const port = match[3] === '*' ? 0 : Number(match[3])
  if (port > 65535) throw new AddressError(endpoint, `port ${port} in ${quote(endpoint)} is over 65535`)
  if (/[\s/]/.test(host)) throw new AddressError(endpoint, `not a host: ${quote(host)} in ${quote(endpoint)}`)
  if (forConnect && (host === '*' || port === 0)) {
    throw new AddressError(
      endpoint,
      `cannot connect to ${quote(endpoint)}: a host and a port from 1 to 65535 are needed`,
    )
  }
  return { scheme: 'tcp', host, port }
}

/** Parses `ipc://path` and `ipc://@name`. */
export function parseIpc(endpoint: string): IpcEndpoint {
  const rest = endpoint.slice('ipc://'.length)
  const abstract = rest.startsWith('@')
  const path = abstract ? rest.slice(1) : rest
  if (!endpoint.startsWith('ipc://') || path === '' || path.includes('\0')) {
    throw new AddressError(
      endpoint,
      `not an ipc endpoint: ${quote(endpoint)}; write ipc:///tmp/name.sock or ipc://@name`,
    )
  }
  const bytes = Buffer.byteLength(path)
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
  return typeof value === 'string'
    ? `"${value.length > 200 ? `${value.slice(0, 200)}...` : value}"`
    : String(value)
}
