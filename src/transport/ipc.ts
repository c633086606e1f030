/** The ipc transport: Unix sockets at a path, or under a Linux abstract name. */
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crypto } from '../builtin.ts'
import { type IpcEndpoint, parseIpc } from '../endpoint.ts'
import { UnsupportedError } from '../errors.ts'
import { fs } from './builtin.ts'
import { identify, moveIfFree, release, temporaryPath, vacate } from './ipc-path.ts'
import { StreamConnection } from './stream-connection.ts'
import { dialStream } from './stream-dial.ts'
import { bindError, listenStream } from './stream-listen.ts'
import type { ByteTransport, Connection, Listener, TransportOptions } from './transport.ts'

export function ipc(options: TransportOptions): ByteTransport {
  return {
    kind: 'bytes',
    scheme: 'ipc',

    check(endpoint) {
      parseSupported(endpoint, true)
    },

    /** `ipc://*` binds a fresh path in the temporary directory. */
    async listen(given, accept): Promise<Listener> {
      const endpoint = given === 'ipc://*' ? `ipc://${freshPath()}` : given
      const { path, abstract } = parseSupported(endpoint)
      const listenAt = (at: string) =>
        listenStream(
          (socket, reading) => accept(new StreamConnection(socket, endpoint, reading)),
          {},
          { path: at, backlog: options.backlog },
          options.unref,
        )
      try {
        return abstract
          ? listener(endpoint, await listenAt(`\0${path}`))
          : await listenAtPath(endpoint, path, listenAt)
      } catch (error) {
        throw bindError(given, error)
      }
    },

    async dial(endpoint, signal): Promise<Connection> {
      const { path, abstract } = parseSupported(endpoint, true)
      return dialStream({ path: abstract ? `\0${path}` : path }, options.unref, () => endpoint, signal)
    },
  }
}

/**
 * Listens at a temporary name first and moves the file into place: a file at its final path always answers.
 * Node deletes the name that it listened at when it closes; that is the temporary one, which is gone by then.
 */
async function listenAtPath(
  endpoint: string,
  path: string,
  listenAt: (path: string) => Promise<Server>,
): Promise<Listener> {
  fs().statSync(dirname(path))
  await vacate(endpoint, path)
  const { server, temporary } = await listenAside(path, listenAt)
  try {
    const identity = identify(temporary)!
    while (!moveIfFree(temporary, path)) await vacate(endpoint, path)
    // Before the server closes: nobody ever finds a file that does not answer.
    return listener(endpoint, server, () => release(path, identity))
  } catch (error) {
    server.close()
    throw error
  }
}

async function listenAside(path: string, listenAt: (path: string) => Promise<Server>) {
  for (let tries = 1; ; tries++) {
    const temporary = temporaryPath(path)
    try {
      return { server: await listenAt(temporary), temporary }
    } catch (error) {
      // Where the path is so long that one character is left for the name, it may well be taken.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 1000) throw error
    }
  }
}

function listener(endpoint: string, server: Server, beforeClose?: () => void): Listener {
  return {
    endpoint,
    async close() {
      if (!server.listening) return
      beforeClose?.()
      server.close()
    },
  }
}

function freshPath(): string {
  return join(tmpdir(), `typedmq-${crypto().randomBytes(9).toString('base64url')}.sock`)
}

function parseSupported(endpoint: string, forConnect = false): IpcEndpoint {
  const parsed = parseIpc(endpoint, forConnect)
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
