/**
 * Accepted sockets read like dialled ones, into buffers of our choice. Node offers `onread` to those that dial only, so the
 * accepted handle is moved into a socket of our own; a runtime without such a handle keeps its socket and its 'data' event.
 */
import type { Socket } from 'node:net'
import { net } from './builtin.ts'
import { ReadBuffer } from './read-buffer.ts'

/** Not in Node's documentation: `handle` has been the option behind `net.Server` and `cluster` since its beginning. */
interface Movable {
  _handle?: { useUserBuffer?: unknown } | null
}

/** The socket must have been accepted with `pauseOnConnect`: nothing has been read yet. */
export function readInto(accepted: Socket): { socket: Socket; reading?: ReadBuffer } {
  const movable = accepted as Movable
  const handle = movable._handle
  if (typeof handle?.useUserBuffer !== 'function') return { socket: accepted }
  movable._handle = null
  // Without its handle this closes nothing; it tells the server that one connection less is its own.
  accepted.destroy()
  const reading = new ReadBuffer()
  const options = { handle, allowHalfOpen: true, pauseOnCreate: true, onread: reading }
  return { socket: new (net().Socket)(options as object), reading }
}
