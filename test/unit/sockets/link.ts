/** Two sockets that talk to each other within the process. */
import { randomUUID } from 'node:crypto'
import type { Socket } from '../../../src/index.ts'

/** A name nobody else has. */
export function inproc(): string {
  return `inproc://${randomUUID()}`
}

/** The first binds, the others connect; resolves once they are ready. */
export function link(bound: Socket, ...connecting: Socket[]): Promise<void> {
  return linkOver(inproc(), bound, ...connecting)
}

export async function linkOver(endpoint: string, bound: Socket, ...connecting: Socket[]): Promise<void> {
  const real = await bound.bind(endpoint)
  for (const socket of connecting) socket.connect(real)
  await Promise.all([bound.connected(connecting.length), ...connecting.map(socket => socket.connected())])
}

/** What the next event of a name tells. */
export function next(
  socket: Socket,
  name: 'message:invalid' | 'message:dropped' | 'disconnect',
): Promise<any> {
  return new Promise(resolve => socket.events.once(name, resolve))
}
