/** A list written down: for tests, and where addresses are known beforehand. */
import { schemeOf } from '../endpoint.ts'
import { ChangeFeed } from './change-feed.ts'
import { ANY_NAME, type Discovery, type Service } from './discovery.ts'
import { checkName } from './service-name.ts'

/** An endpoint, or what else is known of the peer. Without a name it is there under every name. */
export type FixedPeer = string | (Partial<Service> & { readonly endpoints: readonly string[] })

/** The peers that are always there. `announce` does nothing: nobody would hear it. Throws `AddressError` for what is no endpoint. */
export function fixed(peers: readonly FixedPeer[]): Discovery {
  return new Fixed(peers.map(peer => (typeof peer === 'string' ? { endpoints: [peer] } : peer)))
}

class Fixed implements Discovery {
  readonly #peers: readonly Exclude<FixedPeer, string>[]
  readonly #feeds = new Set<ChangeFeed>()
  #disposed = false

  constructor(peers: readonly Exclude<FixedPeer, string>[]) {
    for (const endpoint of peers.flatMap(peer => peer.endpoints)) schemeOf(endpoint)
    this.#peers = peers
  }

  async announce(service: Service): Promise<AsyncDisposable> {
    checkName(service.name)
    return { [Symbol.asyncDispose]: async () => {} }
  }

  watch(name: string, signal?: AbortSignal): ChangeFeed {
    checkName(name)
    const feed: ChangeFeed = new ChangeFeed(signal, () => this.#feeds.delete(feed))
    if (this.#disposed) feed.end()
    if (feed.ended) return feed
    this.#feeds.add(feed)
    for (const peer of this.#peers) {
      if (peer.name === undefined || peer.name === name || name === ANY_NAME) {
        feed.up({ name, instance: peer.endpoints.join(' '), ...peer })
      }
    }
    return feed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    for (const feed of this.#feeds) feed.end()
  }
}
