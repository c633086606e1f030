/** The tcp transport: IPv4, IPv6, host names, and `*` for every interface. */
import type { AddressInfo, Socket } from 'node:net'
import { formatTcp, parseTcp } from '../endpoint.ts'
import { AddressError } from '../errors.ts'
import { net } from './builtin.ts'
import { StreamConnection } from './stream-connection.ts'
import { dialStream } from './stream-dial.ts'
import { bindError, listenStream } from './stream-listen.ts'
import type { ByteTransport, Connection, Listener, TransportOptions } from './transport.ts'

export function tcp(options: TransportOptions): ByteTransport {
  const perSocket = {
    noDelay: true,
    keepAlive: options.tcpKeepAlive !== Infinity,
    keepAliveInitialDelay: options.tcpKeepAlive === Infinity ? 0 : options.tcpKeepAlive,
  }
  return {
    kind: 'bytes',
    scheme: 'tcp',

    check(endpoint) {
      parseTcp(endpoint, true)
    },

    async listen(endpoint, accept): Promise<Listener> {
      const { host, port } = parseTcp(endpoint)
      try {
        // Without a host Node listens on `::`, which takes IPv4 too, or on 0.0.0.0 where there is no IPv6.
        const address = host === '*' ? {} : { host: await bindAddress(host) }
        const server = await listenStream(
          (socket, reading) => accept(new StreamConnection(socket, remoteOf(socket), reading)),
          perSocket,
          { ...address, port, backlog: options.backlog },
          options.unref,
        )
        const bound = server.address() as AddressInfo
        return {
          // For `*` libzmq answers 0.0.0.0 too: every peer can parse it, and the port is what matters.
          endpoint: formatTcp(host === '*' ? '0.0.0.0' : bound.address, bound.port),
          async close() {
            server.close()
          },
        }
      } catch (error) {
        throw bindError(endpoint, error)
      }
    },

    async dial(endpoint, signal): Promise<Connection> {
      const { host, port } = parseTcp(endpoint, true)
      try {
        return await dialStream({ ...perSocket, host, port }, options.unref, remoteOf, signal)
      } catch (error) {
        throw signal.aborted ? error : dialError(endpoint, error)
      }
    },
  }
}

/** The address of a host name to bind: an IPv4 one if there is any, as in libzmq, whose peers know no IPv6 unless told. */
async function bindAddress(host: string): Promise<string> {
  if (net().isIP(host) !== 0) return host
  const { lookup } = await import('node:dns/promises')
  const addresses = await lookup(host, { all: true })
  return (addresses.find(({ family }) => family === 4) ?? addresses[0]!).address
}

/** IPv4 peers of a dual-stack listener appear as `::ffff:10.0.0.7`. */
function remoteOf(socket: Socket): string {
  const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '')
  return formatTcp(address, socket.remotePort ?? 0)
}

function dialError(endpoint: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') return error
  return new AddressError(endpoint, `the host name of "${endpoint}" does not resolve (${code})`, 'ADDRESS', {
    cause: error,
  })
}
