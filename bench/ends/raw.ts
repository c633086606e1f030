/** `node:net` without frames or patterns: what the platform itself allows. Small messages go many to a write. */
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { Arrivals } from './arrivals.ts'
import type { Ends, Place } from './ends.ts'

/** Bytes a write has at least; the slab size that the engine's own measurements chose. */
const WRITE_SIZE = 64 * 1024

export function open(): Ends {
  return {
    async push(place) {
      const payload = place.payload as Buffer
      const perWrite = Math.max(1, Math.floor(WRITE_SIZE / payload.length))
      const chunk = Buffer.concat(Array(perWrite).fill(payload))
      const { endpoint, first } = await attach(place)
      return {
        endpoint,
        async send(count) {
          const socket = await first
          for (let sent = 0; sent < count; sent += perWrite) {
            if (!socket.write(chunk)) await new Promise<void>(resolve => socket.once('drain', resolve))
          }
        },
      }
    },

    async pull(place) {
      const bytes = new Arrivals()
      const size = (place.payload as Buffer).length
      const { endpoint } = await attach(place, (_socket, chunk) => bytes.add(chunk.length))
      return { endpoint, receive: count => bytes.take(count * size) }
    },

    async request(place) {
      const bytes = new Arrivals()
      const payload = place.payload as Buffer
      const { endpoint, first } = await attach(place, (_socket, chunk) => bytes.add(chunk.length))
      const socket = await first
      return {
        endpoint,
        request() {
          socket.write(payload)
          return bytes.take(payload.length)
        },
      }
    },

    reply: place => attach(place, (socket, chunk) => socket.write(chunk)),
  }
}

/** Dials or listens; `data` gets what comes over any connection. */
async function attach(place: Place, data?: (socket: Socket, chunk: Buffer) => void) {
  const address = parse(place.endpoint)
  const use = (socket: Socket) => {
    socket.setNoDelay()
    if (data !== undefined) socket.on('data', chunk => data(socket, chunk))
    return socket
  }
  if (place.mode === 'connect') {
    const socket = use(createConnection(address))
    await once(socket, 'connect')
    return { endpoint: place.endpoint, first: Promise.resolve(socket) }
  }
  const server = createServer()
  const first = new Promise<Socket>(resolve => server.on('connection', socket => resolve(use(socket))))
  server.listen(address)
  await once(server, 'listening')
  const bound = server.address()
  const endpoint = typeof bound === 'object' ? `tcp://127.0.0.1:${bound!.port}` : place.endpoint
  return { endpoint, first }
}

function parse(endpoint: string): { path: string } | { host: string; port: number } {
  if (endpoint.startsWith('ipc://')) return { path: endpoint.slice('ipc://'.length) }
  const { hostname, port } = new URL(endpoint)
  return { host: hostname, port: Number(port) }
}
