/** The services that the instances of a table make up, and who is told of them. A socket with several ports is one service. */
import { ANY_NAME, type Service } from '../discovery.ts'
import type { Feed } from '../feed.ts'
import { labelOf } from './announced.ts'
import { endpointsOf } from './candidates.ts'
import type { Instance } from './instance-table.ts'
import type { TxtFields } from './txt.ts'

interface Peer {
  readonly instances: Set<Instance>
  /** As the feeds know it. */
  told: { readonly service: Service; readonly signature: string } | undefined
}

export class Peers {
  readonly #onLink: (address: string) => boolean
  readonly #peers = new Map<string, Peer>()
  readonly #idOf = new Map<Instance, string>()
  readonly #feeds = new Map<Feed, string>()

  constructor(onLink: (address: string) => boolean) {
    this.#onLink = onLink
  }

  get watched(): boolean {
    return this.#feeds.size > 0
  }

  /** Tells what is known already. */
  addFeed(feed: Feed, name: string): void {
    this.#feeds.set(feed, name)
    for (const { told } of this.#peers.values()) if (told && wanted(name, told.service)) feed.up(told.service)
  }

  removeFeed(feed: Feed): void {
    this.#feeds.delete(feed)
  }

  endFeeds(): void {
    for (const feed of [...this.#feeds.keys()]) feed.end()
  }

  /** True while something about the instance is missing. */
  incomplete(instance: Instance): boolean {
    return instance.fields === undefined || endpointsOf(instance, this.#onLink).length === 0
  }

  /** Something about the instance has changed. */
  update(instance: Instance): void {
    const fields = instance.fields
    if (fields === undefined || fields === 'bad' || this.incomplete(instance)) {
      this.remove([instance])
      return
    }
    const id = fields.instance ?? instance.fullName
    if (this.#idOf.get(instance) !== id) this.remove([instance])
    this.#idOf.set(instance, id)
    let peer = this.#peers.get(id)
    if (peer === undefined) this.#peers.set(id, (peer = { instances: new Set(), told: undefined }))
    peer.instances.add(instance)
    this.#tell(id, peer)
  }

  /** All at once, so that a service of several instances goes as one. */
  remove(instances: Iterable<Instance>): void {
    const ids = new Set<string>()
    for (const instance of instances) {
      const id = this.#idOf.get(instance)
      if (id === undefined) continue
      this.#idOf.delete(instance)
      this.#peers.get(id)!.instances.delete(instance)
      ids.add(id)
    }
    for (const id of ids) this.#tell(id, this.#peers.get(id)!)
  }

  #tell(id: string, peer: Peer): void {
    const before = peer.told
    const [first] = peer.instances
    if (first === undefined) {
      this.#peers.delete(id)
      if (before) this.#each(before.service, feed => feed.down(before.service))
      return
    }
    const service = this.#serviceOf(id, first, peer.instances)
    // The order of endpoints is a matter of taste, no news.
    const signature = JSON.stringify({ ...service, endpoints: [...service.endpoints].sort() })
    if (signature === before?.signature) return
    peer.told = { service, signature }
    if (before && before.service.name !== service.name) {
      this.#each(before.service, feed => feed.down(before.service))
    }
    this.#each(service, feed => feed.up(service))
  }

  #serviceOf(id: string, first: Instance, instances: Iterable<Instance>): Service {
    const fields = first.fields as TxtFields
    const endpoints = [...instances].flatMap(instance => endpointsOf(instance, this.#onLink))
    return Object.freeze({
      ...fields,
      name: fields.name ?? labelOf(first.fullName)!,
      instance: id,
      endpoints: [...new Set(endpoints)],
      priority: first.location!.priority,
      weight: first.location!.weight,
    })
  }

  #each(service: Service, action: (feed: Feed) => void): void {
    for (const [feed, watched] of this.#feeds) if (wanted(watched, service)) action(feed)
  }
}

function wanted(watched: string, { name }: Service): boolean {
  return watched === name || watched === ANY_NAME
}
