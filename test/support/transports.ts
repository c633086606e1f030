/** The transports that the conformance suite runs on, and where to bind on each. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TransportUnderTest {
  readonly name: string
  /** An endpoint to bind; `bind` answers the one to connect to. */
  fresh(): string
  /** An endpoint to connect to at which nobody listens yet, and that can be bound later. */
  absent(): Promise<string>
}

export const tcp = overTcp('tcp', '127.0.0.1')
export const tcp6 = overTcp('tcp over IPv6', '[::1]')
export const ipc = named('ipc', name => `ipc://${join(tmpdir(), `${name}.sock`)}`)
export const inproc = named('inproc', name => `inproc://${name}`)

/** Whether this host has the address `::1`. */
export const hasIpv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

function overTcp(name: string, host: string): TransportUnderTest {
  return {
    name,
    fresh: () => `tcp://${host}:0`,
    absent: async () => `tcp://${host}:${await freePort(host.replace(/[[\]]/g, ''))}`,
  }
}

function named(name: string, endpointOf: (name: string) => string): TransportUnderTest {
  const fresh = () => endpointOf(`typedmq-test-${randomBytes(6).toString('hex')}`)
  return { name, fresh, absent: async () => fresh() }
}

/** A port that was free a moment ago; the system gives it to nobody else soon. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
