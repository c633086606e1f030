/** A real DNS server on loopback whose zone a test can change: dnsmasq, restarted on the same port for each change. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export const missingDnsmasq: string | undefined =
  spawnSync('dnsmasq', ['--version']).error === undefined ? undefined : 'skipped: needs dnsmasq'

/** A UDP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

export interface Srv {
  readonly target: string
  readonly port: number
  readonly priority?: number
  readonly weight?: number
}

export interface Zone {
  /** SRV records by name. */
  readonly srv?: Readonly<Record<string, readonly Srv[]>>
  /** Addresses by host name. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>
}

export class Dnsmasq implements AsyncDisposable {
  readonly port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.port = port
  }

  static async start(zone: Zone): Promise<Dnsmasq> {
    // A port that was free a moment ago may be taken by another test: dnsmasq cannot choose one itself.
    for (;;) {
      const server = new Dnsmasq(await freePort())
      try {
        await server.serve(zone)
        return server
      } catch (error) {
        await server.stop()
        if (!String(error).includes('in use')) throw error
      }
    }
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Replaces the zone; between the two the server is down. */
  async serve(zone: Zone): Promise<void> {
    await this.stop()
    const records = [
      ...Object.entries(zone.srv ?? {}).flatMap(([name, all]) =>
        all.map(
          srv => `--srv-host=${name},${srv.target},${srv.port},${srv.priority ?? 0},${srv.weight ?? 0}`,
        ),
      ),
      ...Object.entries(zone.hosts ?? {}).flatMap(([name, all]) =>
        all.map(address => `--host-record=${name},${address}`),
      ),
    ]
    const settings = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--pid-file=',
    ]
    const listening = [
      `--port=${this.port}`,
      '--listen-address=127.0.0.1',
      '--bind-interfaces',
      '--local=/test/',
    ]
    const child = spawn('dnsmasq', [...settings, ...listening, '--log-facility=-', '--user=', ...records], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    // It says that it has started once its sockets are bound.
    let said = ''
    for await (const piece of child.stderr!.iterator({ destroyOnReturn: false })) {
      said += piece
      if (said.includes('started')) return
    }
    throw new Error(`dnsmasq: ${said}`)
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill()
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
