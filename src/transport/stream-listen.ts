/** A listening Node server: what tcp and ipc have in common. */
import type { ListenOptions, Server, ServerOpts, Socket } from 'node:net'
import { AddressError } from '../errors.ts'
import { net } from './builtin.ts'
import type { ReadBuffer } from './read-buffer.ts'
import { readInto } from './stream-accept.ts'

/** Resolves once the server listens. Rejects with the system's error. */
export function listenStream(
  accept: (socket: Socket, reading?: ReadBuffer) => void,
  serverOptions: ServerOpts,
  listenOptions: ListenOptions,
  unref: boolean,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = net().createServer(
      { ...serverOptions, allowHalfOpen: true, pauseOnConnect: true },
      accepted => {
        const { socket, reading } = readInto(accepted)
        if (unref) socket.unref()
        accept(socket, reading)
      },
    )
    if (unref) server.unref()
    server.once('error', reject)
    server.listen(listenOptions, () => {
      server.off('error', reject)
      // A failed accept (EMFILE, ECONNABORTED) concerns one newcomer; the listener lives on.
      server.on('error', () => {})
      resolve(server)
    })
  })
}

/** The error of a bind: what was given, what the system said. */
export function bindError(endpoint: string, error: unknown): AddressError {
  if (error instanceof AddressError) return error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new AddressError(endpoint, `"${endpoint}" is in use by another socket`, 'ADDRESS_IN_USE', {
      cause: error,
    })
  }
  return new AddressError(endpoint, `cannot bind "${endpoint}": ${reasonOf(code, error)}`, 'ADDRESS', {
    cause: error,
  })
}

function reasonOf(code: string | undefined, error: unknown): string {
  switch (code) {
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address (EADDRNOTAVAIL)'
    case 'EACCES':
    case 'EPERM':
      return `no permission (${code})`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name does not resolve (${code})`
    case 'ENOENT':
      return 'the directory does not exist (ENOENT)'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
