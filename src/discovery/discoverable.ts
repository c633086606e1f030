/** What discovery needs of a socket. Every public socket has it. */
import type { DIAL } from '../dialling.ts'
import type { Socket } from '../index.ts'

export type DiscoverableSocket = Pick<Socket, 'description' | 'events' | typeof DIAL>

const instances = new WeakMap<DiscoverableSocket, string>()

/** The id a socket has in all announcements, made at the first need. */
export function instanceOf(socket: DiscoverableSocket): string {
  let instance = instances.get(socket)
  if (instance === undefined) instances.set(socket, (instance = crypto.randomUUID()))
  return instance
}
