/** Peers on the same LAN find each other by multicast DNS (RFC 6762, RFC 6763). No server, no configuration. */
import { OptionError } from '../../errors.ts'
import { ChangeFeed } from '../change-feed.ts'
import type { Discovery, Service } from '../discovery.ts'
import { ErrorReporter } from '../error-reporter.ts'
import { checkName } from '../service-name.ts'
import { Announced } from './announced.ts'
import { Browser } from './browser.ts'
import { Multicast } from './multicast.ts'
import { Responder } from './responder.ts'

export interface MdnsOptions {
  /**
   * Milliseconds between two announcements of the same service. Who died without goodbye is noticed within three.
   * 1,000 to 600,000; default 10,000.
   */
  readonly period?: number | undefined
  /** Names of the interfaces to use: `['eth0']`, `['lo']`. Default: all that are up, those to come included. */
  readonly interfaces?: readonly string[] | undefined
}

/** Sockets open at the first `announce` or `watch`, and keep no process alive. Throws `OptionError`. */
export function mdns(options: MdnsOptions = {}): Discovery {
  const { period = 10_000, interfaces } = options
  // The wire counts in seconds.
  if (!(period >= 1_000 && period <= 600_000)) {
    throw new OptionError('period', `option period is ${period}; it must be milliseconds from 1000 to 600000`)
  }
  if (interfaces !== undefined && (!Array.isArray(interfaces) || interfaces.length === 0)) {
    throw new OptionError(
      'interfaces',
      `option interfaces is ${JSON.stringify(interfaces)}; it must be names such as ['eth0']`,
    )
  }
  return new Mdns(period, interfaces)
}

interface Running {
  readonly multicast: Multicast
  readonly responder: Responder
  readonly browser: Browser
}

class Mdns implements Discovery {
  readonly #errors = new ErrorReporter()
  readonly #period: number
  readonly #interfaces: readonly string[] | undefined
  #running: Running | undefined
  #disposed = false

  constructor(period: number, interfaces: readonly string[] | undefined) {
    this.#period = period
    this.#interfaces = interfaces
  }

  get events() {
    return this.#errors.events
  }

  #run(): Running {
    if (this.#running) return this.#running
    const multicast = new Multicast(
      {
        message: (message, from) => {
          responder.received(message)
          browser.received(message, from)
        },
        networkChanged: () => {
          responder.announceAll()
          browser.askAgain()
        },
      },
      this.#errors,
      this.#interfaces,
    )
    const responder = new Responder(multicast, this.#period)
    const browser = new Browser(multicast)
    this.#running = { multicast, responder, browser }
    return this.#running
  }

  /** Only tcp endpoints are announced: no other can be reached from another host. */
  async announce(service: Service): Promise<AsyncDisposable> {
    checkName(service.name)
    const endpoints = this.#disposed
      ? []
      : service.endpoints.filter(endpoint => endpoint.startsWith('tcp://'))
    const announced = endpoints.map(endpoint => new Announced(service, endpoint))
    if (announced.length === 0) return { [Symbol.asyncDispose]: async () => {} }
    const { responder } = this.#run()
    await Promise.all(announced.map(each => responder.add(each)))
    return {
      [Symbol.asyncDispose]: async () => {
        await Promise.all(announced.map(each => responder.remove(each)))
      },
    }
  }

  watch(name: string, signal?: AbortSignal): ChangeFeed {
    checkName(name)
    const feed: ChangeFeed = new ChangeFeed(signal, () => this.#running?.browser.unwatch(feed))
    if (this.#disposed) feed.end()
    if (!feed.ended) this.#run().browser.watch(feed, name)
    return feed
  }

  /** Says goodbye for all that is announced, ends all watching, and closes the sockets. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const running = this.#running
    this.#running = undefined
    if (running === undefined) return
    running.browser.close()
    await running.responder.close()
    running.multicast.close()
  }
}
