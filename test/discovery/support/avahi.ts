/** avahi on a host of a LAN, with a bus and a /run of its own: the foreign peer. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LanHost } from './network.ts'
import { History } from './peer.ts'

export const missingAvahi: string | undefined = ['avahi-daemon', 'avahi-browse', 'dbus-daemon'].every(
  program => spawnSync(program, ['--version']).error === undefined,
)
  ? undefined
  : 'skipped: needs avahi-daemon, avahi-utils and dbus-daemon'

const BUS = (
  socket: string,
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>`

const DAEMON = `[server]
use-ipv4=yes
use-ipv6=yes
[publish]
publish-workstation=no
[rlimits]
`

export class Avahi implements AsyncDisposable {
  readonly #host: LanHost
  readonly #folder: string
  readonly #processes: ChildProcess[] = []

  private constructor(host: LanHost) {
    this.#host = host
    this.#folder = mkdtempSync(join(tmpdir(), 'avahi-'))
  }

  static async start(host: LanHost): Promise<Avahi> {
    const avahi = new Avahi(host)
    const at = (name: string) => join(avahi.#folder, name)
    writeFileSync(at('bus.conf'), BUS(at('bus')))
    writeFileSync(at('avahi.conf'), DAEMON)
    const bus = avahi.#spawn('dbus-daemon', `--config-file=${at('bus.conf')}`, '--nofork', '--print-address')
    await once(bus.stdout!, 'data')
    // Its pid file and socket lie in /run, whoever else runs one.
    const own = 'mount -t tmpfs none /run && mkdir /run/avahi-daemon && exec avahi-daemon "$@"'
    const flags = ['--file', at('avahi.conf'), '--no-drop-root', '--no-chroot', '--no-rlimits']
    const daemon = avahi.#spawn('unshare', '--mount', 'sh', '-c', own, 'sh', ...flags)
    const output = new History<string>()
    createInterface({ input: daemon.stderr! }).on('line', line => output.add(line))
    await output.until(lines => lines.some(line => line.includes('Server startup complete')))
    return avahi
  }

  #spawn(...command: string[]): ChildProcess {
    const [program, ...prefix] = this.#host.prefix
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(this.#folder, 'bus')}` }
    const child = spawn(program!, [...prefix, ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#processes.push(child)
    return child
  }

  /** Announces until the result is killed. */
  publish(name: string, port: number, ...txt: string[]): ChildProcess {
    return this.#spawn('avahi-publish', '-s', name, '_typedmq._tcp', String(port), ...txt)
  }

  /** What avahi-browse says, line by line: `=;eth0;IPv4;name;type;domain;host;address;port;"txt" ...`. */
  browse(): History<string> {
    const found = new History<string>()
    const child = this.#spawn('avahi-browse', '--resolve', '--parsable', '_typedmq._tcp')
    createInterface({ input: child.stdout! }).on('line', line => found.add(line))
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = once(child, 'exit')
      child.kill()
      await gone
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
