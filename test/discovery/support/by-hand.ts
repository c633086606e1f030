/** A provider that knows what the test tells it: the smallest one that somebody could write. */
import { EventEmitter } from 'node:events'
import { ChangeFeed } from '../../../src/discovery/change-feed.ts'
import type { Discovery, Service } from '../../../src/discovery/index.ts'
import type { DiscoveryError } from '../../../src/errors.ts'
import { History } from './peer.ts'

export class ByHand implements Discovery {
  readonly events = new EventEmitter<{ error: [DiscoveryError] }>()
  readonly announced = new Map<string, Service>()
  /** Everything that was announced ('up') and withdrawn ('down'). */
  readonly history = new History<string>()
  readonly #up = new Map<string, Service>()
  readonly #feeds = new Set<ChangeFeed>()

  async announce(service: Service): Promise<AsyncDisposable> {
    const [endpoint] = service.endpoints
    this.announced.set(endpoint!, service)
    this.history.add(`up ${endpoint}`)
    return {
      [Symbol.asyncDispose]: async () => {
        this.announced.delete(endpoint!)
        this.history.add(`down ${endpoint}`)
      },
    }
  }

  watch(_name: string, signal?: AbortSignal): ChangeFeed {
    const feed: ChangeFeed = new ChangeFeed(signal, () => this.#feeds.delete(feed))
    this.#feeds.add(feed)
    for (const service of this.#up.values()) feed.up(service)
    return feed
  }

  get watchers(): number {
    return this.#feeds.size
  }

  up(instance: string, endpoints: readonly string[], rest: Partial<Service> = {}): void {
    const service = { name: 'jobs', instance, endpoints, ...rest }
    this.#up.set(instance, service)
    for (const feed of this.#feeds) feed.up(service)
  }

  down(instance: string): void {
    const service = this.#up.get(instance)!
    this.#up.delete(instance)
    for (const feed of this.#feeds) feed.down(service)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const feed of [...this.#feeds]) feed.end()
  }
}
