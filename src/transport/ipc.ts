/** The ipc transport: Unix sockets at a path, or under a Linux abstract name. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IpcEndpoint, parseIpc } from '../endpoint.ts'
import { UnsupportedError } from '../errors.ts'
import { claimPath, releasePath, temporaryPath } from './ipc-path.ts'
import { StreamConnection } from './stream-connection.ts'
import { dialStream } from './stream-dial.ts'
import { bindError, listenStream } from './stream-listen.ts'
import type { ByteTransport, Connection, Listener, TransportOptions } from './transport.ts'

export function ipc(options: TransportOptions): ByteTransport {
  return {
    kind: 'bytes',
    scheme: 'ipc',

    check(endpoint) {
      supported(endpoint, parseIpc(endpoint))
    },

    async listen(given, accept): Promise<Listener> {
      const endpoint = given === 'ipc://*' ? `ipc://${freshPath()}` : given
      const parsed = supported(endpoint, parseIpc(endpoint))
      const { path } = parsed
      const listen = (at: string) =>
        listenStream(
          socket => accept(new StreamConnection(socket, endpoint)),
          {},
          { path: at, backlog: options.backlog },
          options.unref,
        )
      try {
        if (parsed.abstract) {
          const server = await listen(`\0${path}`)
          return {
            endpoint,
            async close() {
              server.close()
            },
          }
        }
        const { server, at } = await listenAside(path, listen)
        const identity = await claimPath(endpoint, path, at).catch(error => {
          server.close()
          throw error
        })
        return {
          endpoint,
          async close() {
            // In this order nobody ever finds a file that does not answer.
            releasePath(path, identity)
            server.close()
          },
        }
      } catch (error) {
        throw bindError(given, error)
      }
    },

    async dial(endpoint, signal): Promise<Connection> {
      const { path, abstract } = supported(endpoint, parseIpc(endpoint))
      return dialStream({ path: abstract ? `\0${path}` : path }, options.unref, () => endpoint, signal)
    },
  }
}

/** Listens at a temporary name beside `path`: a file at its final path always answers. Node's own close deletes that name, not the path. */
async function listenAside<T>(
  path: string,
  listen: (at: string) => Promise<T>,
): Promise<{ server: T; at: string }> {
  for (let tries = 0; ; tries++) {
    const at = temporaryPath(path)
    try {
      return { server: await listen(at), at }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 100) throw error
    }
  }
}

function freshPath(): string {
  return join(tmpdir(), `typedmq-${randomBytes(9).toString('base64url')}.sock`)
}

function supported(endpoint: string, parsed: IpcEndpoint): IpcEndpoint {
  if (process.platform === 'win32') {
    throw new UnsupportedError(`"${endpoint}" needs Unix sockets, which Node lacks on Windows; use tcp`)
  }
  if (!parsed.abstract) return parsed
  if (process.platform !== 'linux') {
    throw new UnsupportedError(`"${endpoint}": abstract names exist only on Linux; use a path`)
  }
  // Node 20 pads the name with zero bytes, so that no other peer can connect to it.
  if (Number.parseInt(process.versions.node, 10) < 22) {
    throw new UnsupportedError(
      `"${endpoint}": abstract names need Node 22 or newer, this is ${process.version}; use a path`,
    )
  }
  return parsed
}
