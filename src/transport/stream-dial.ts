/** One attempt to reach a listener over a Node stream socket, which a signal can give up. */
import type { NetConnectOpts, Socket } from 'node:net'
import { net } from './builtin.ts'
import { ReadBuffer } from './read-buffer.ts'
import { StreamConnection } from './stream-connection.ts'

/** Rejects with the system's error, or with `signal.reason`; then the socket is gone. */
export function dialStream(
  options: NetConnectOpts,
  unref: boolean,
  remoteOf: (socket: Socket) => string,
  signal: AbortSignal,
): Promise<StreamConnection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const reading = new ReadBuffer()
    const socket = net().connect({ ...options, allowHalfOpen: true, onread: reading })
    if (unref) socket.unref()
    const connected = () => {
      stopListening()
      // Once more: a name with several addresses may have been reached with another handle than the first.
      if (unref) socket.unref()
      resolve(new StreamConnection(socket, remoteOf(socket), reading))
    }
    const failed = (error: Error) => {
      stopListening()
      reject(firstOf(error))
    }
    const aborted = () => {
      stopListening()
      socket.destroy()
      reject(signal.reason)
    }
    const stopListening = () => {
      socket.off('connect', connected)
      socket.off('error', failed)
      signal.removeEventListener('abort', aborted)
    }
    socket.once('connect', connected)
    socket.once('error', failed)
    signal.addEventListener('abort', aborted)
  })
}

/** A name with several addresses fails with an AggregateError, which has no message of its own. */
function firstOf(error: Error): Error {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
}
