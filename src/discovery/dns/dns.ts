/** Peers behind a DNS name, asked for again and again: a Kubernetes headless service, a Consul catalogue, any zone. */
import { OptionError } from '../../errors.ts'
import { ChangeFeed } from '../change-feed.ts'
import type { Discovery, Service } from '../discovery.ts'
import { ErrorReporter } from '../error-reporter.ts'
import { checkName } from '../service-name.ts'
import { checkServers } from './lookup.ts'
import { Poll } from './poll.ts'

export interface DnsOptions {
  /**
   * The DNS name to ask for, or what makes it of a service's name. Without `port`, SRV records: `_zmtp._tcp.jobs.default.svc.cluster.local`,
   * `jobs.service.consul`. With it, A and AAAA records: each address is a peer.
   */
  readonly service: string | ((name: string) => string)
  /** The port of all peers, where there are no SRV records. */
  readonly port?: number | undefined
  /** DNS servers as `address` or `address:port`. Default: the system's. */
  readonly servers?: readonly string[] | undefined
  /** Milliseconds between two questions. 100 to 3,600,000; default 5,000. */
  readonly interval?: number | undefined
}

/** Keeps no process alive between two questions. `announce` does nothing: the cluster does it. Throws `OptionError`. */
export function dns(options: DnsOptions): Discovery {
  const { service, port, servers, interval = 5_000 } = options
  if (!(interval >= 100 && interval <= 3_600_000)) {
    throw new OptionError(
      'interval',
      `option interval is ${interval}; it must be milliseconds from 100 to 3600000`,
    )
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw new OptionError('port', `option port is ${port}; it must be a whole number from 1 to 65535`)
  }
  if (typeof service === 'string') checkHost(service)
  checkServers(servers)
  return new Dns({ service, port, servers, interval })
}

type Settings = DnsOptions & { readonly interval: number }

class Dns implements Discovery {
  readonly #errors = new ErrorReporter()
  readonly #settings: Settings
  readonly #feeds = new Set<ChangeFeed>()
  #disposed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get events() {
    return this.#errors.events
  }

  async announce(service: Service): Promise<AsyncDisposable> {
    checkName(service.name)
    return { [Symbol.asyncDispose]: async () => {} }
  }

  watch(name: string, signal?: AbortSignal): ChangeFeed {
    checkName(name)
    const { service, port, servers, interval } = this.#settings
    const host = typeof service === 'string' ? service : checkHost(service(name))
    let poll: Poll | undefined
    const feed: ChangeFeed = new ChangeFeed(signal, () => {
      this.#feeds.delete(feed)
      poll?.stop()
    })
    if (this.#disposed) feed.end()
    if (feed.ended) return feed
    this.#feeds.add(feed)
    poll = new Poll({ name, host, port, servers, interval, feed, errors: this.#errors })
    return feed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const feed of this.#feeds) feed.end()
  }
}

function checkHost(host: string): string {
  const labels = typeof host === 'string' ? host.replace(/\.$/, '').split('.') : []
  const right = labels.length > 0 && labels.every(label => /^[\w-]{1,63}$/.test(label)) && host.length <= 254
  if (right) return host
  throw new OptionError(
    'service',
    `option service is ${JSON.stringify(host)}; it must be a DNS name such as "jobs.default.svc"`,
  )
}
