/** Hosts in network namespaces on one bridge: a LAN of our own. Needs root, and is skipped aloud where that is missing. */
import { execFileSync } from 'node:child_process'

/** Runs these command lines, the first that fails ends it. One process for all: starting them one by one is slow. */
function shell(...lines: string[]): void {
  execFileSync('sh', ['-e'], { input: lines.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] })
}

/** Undefined: hosts can be made here. Otherwise why not, for the name of the skipped test. */
export const missingRights: string | undefined = (() => {
  const name = `tmq-probe-${process.pid}`
  try {
    shell(`ip netns add ${name}`, `ip -n ${name} link add br0 type bridge`, `ip netns del ${name}`)
    return undefined
  } catch {
    return 'skipped: network namespaces need root and iproute2'
  }
})()

let count = 0

export interface HostAddresses {
  readonly v4?: boolean
  readonly v6?: boolean
}

/** One namespace with an interface `eth0` on the LAN. */
export class LanHost {
  readonly namespace: string
  readonly v4: string
  readonly v6: string

  constructor(namespace: string, number: number) {
    this.namespace = namespace
    this.v4 = `10.77.0.${number}`
    this.v6 = `fd77::${number}`
  }

  /** Runs a command on this host and waits for it. */
  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace, ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** The prefix of a command line that runs on this host. */
  get prefix(): string[] {
    return ['ip', 'netns', 'exec', this.namespace]
  }

  /** Loses so much of what comes in. */
  lose(probability: number): void {
    for (const tables of ['iptables', 'ip6tables']) {
      this.run(
        tables,
        '-A',
        'INPUT',
        '-p',
        'udp',
        '-m',
        'statistic',
        '--mode',
        'random',
        '--probability',
        `${probability}`,
        '-j',
        'DROP',
      )
    }
  }
}

export class Lan implements Disposable {
  readonly #bridge: string
  readonly hosts: LanHost[] = []

  constructor(hosts: number, addresses: HostAddresses = { v4: true, v6: true }) {
    const id = `tmq${process.pid}x${count++}`
    this.#bridge = `${id}b`
    const lines = [
      `ip netns add ${this.#bridge}`,
      `ip -n ${this.#bridge} link add br0 type bridge mcast_snooping 0`,
      `ip -n ${this.#bridge} link set br0 up`,
    ]
    for (let number = 1; number <= hosts; number++) {
      const host = new LanHost(`${id}h${number}`, number)
      lines.push(`ip netns add ${host.namespace}`, `ip -n ${host.namespace} link set lo up`)
      lines.push(...this.#plugging(host, 'eth0', addresses))
      this.hosts.push(host)
    }
    shell(...lines)
  }

  #plugging(host: LanHost, name: string, { v4, v6 }: HostAddresses): string[] {
    const port = `p${host.namespace.slice(-6)}${name.slice(-1)}`
    const inside = `ip -n ${host.namespace}`
    return [
      `ip link add ${port} netns ${this.#bridge} type veth peer name ${name} netns ${host.namespace}`,
      `ip -n ${this.#bridge} link set ${port} master br0 up`,
      ...(v4 ? [`${inside} addr add ${host.v4}/24 dev ${name}`] : []),
      ...(v6 ? [`${inside} addr add ${host.v6}/64 dev ${name} nodad`] : []),
      `${inside} link set ${name} up`,
      ...(v4 ? [`${inside} route replace default dev ${name}`] : []),
    ]
  }

  /** Gives the host an interface on the LAN. */
  plug(host: LanHost, name: string, addresses: HostAddresses): void {
    shell(...this.#plugging(host, name, addresses))
  }

  unplug(host: LanHost, name = 'eth0'): void {
    shell(`ip -n ${host.namespace} link del ${name}`)
  }

  [Symbol.dispose](): void {
    shell(...this.hosts.map(host => `ip netns del ${host.namespace}`), `ip netns del ${this.#bridge}`)
  }
}
