/** Checks endpoints before libzmq sees them, and says in our words what libzmq has against one. */
import { connect } from 'node:net'
import { parseInproc, parseIpc, parseTcp, schemeOf } from '../../endpoint.ts'
import { AddressError, StateError, type TypedMqError } from '../../errors.ts'
import { codeOf, type NativeSocket } from './native.ts'

/** Throws `AddressError`. Answers whether the endpoint is IPv6, which libzmq must be told. Schemes that only libzmq knows pass. */
export function checkEndpoint(endpoint: string, forConnect: boolean): { readonly ipv6: boolean } {
  const scheme = schemeOf(endpoint)
  if (scheme === 'ipc') parseIpc(endpoint)
  if (scheme === 'inproc') parseInproc(endpoint)
  return { ipv6: scheme === 'tcp' && parseTcp(endpoint, forConnect).host.includes(':') }
}

/** Rejects when somebody listens at the path: libzmq would take its socket file away. */
export function refuseLive(endpoint: string): Promise<void> {
  const { path, abstract } = parseIpc(endpoint)
  if (abstract || path === '*') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const probe = connect(path, () => {
      probe.destroy()
      reject(inUse(endpoint))
    })
    probe.on('error', () => resolve())
  })
}

export function isInproc(endpoint: string): boolean {
  return endpoint.startsWith('inproc:')
}

/** The endpoint that was bound last, with the port the system chose. */
export function lastBound(native: NativeSocket, endpoint: string): string {
  return isInproc(endpoint) ? endpoint : (native.lastEndpoint ?? endpoint)
}

/** What libzmq's errno means for a bind or connect. */
export function endpointError(endpoint: string, verb: 'bind' | 'connect', error: unknown): TypedMqError {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') return inUse(endpoint, error)
  const cause = { cause: error }
  if (code === 'EPROTONOSUPPORT')
    return new AddressError(endpoint, `this libzmq has no transport for "${endpoint}"`, 'ADDRESS', cause)
  if (code === 'EBADF') return new StateError('the libzmq socket has gone', cause)
  return new AddressError(
    endpoint,
    `cannot ${verb} "${endpoint}": ${(error as Error).message} (${code})`,
    'ADDRESS',
    cause,
  )
}

function inUse(endpoint: string, cause?: unknown): AddressError {
  return new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE', { cause })
}
