/** The services that the instances of a table make up, and who is told of them. A socket with several ports is one service. */
import { ANY_NAME, type Service } from '../discovery.ts'
import type { Feed } from '../feed.ts'
import { labelOf } from './announced.ts'
import { endpointsOf } from './candidates.ts'
import type { Instance } from './instance-table.ts'
import type { TxtFields } from './txt.ts'

/** Instances and endpoints that one socket may have. Strangers may say of thousands that they are of one. */
const MAX_ENDPOINTS = 64

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

  /** Something about these has changed. All at once, so that a service of several instances is told of once. */
  update(instances: Iterable<Instance>): void {
    const changed = new Set<string>()
    for (const instance of instances) {
      const id = this.#idNow(instance)
      if (this.#idOf.get(instance) !== id) this.#part(instance, changed)
      if (id !== undefined && this.#join(instance, id)) changed.add(id)
    }
    this.#tellAll(changed)
  }

  /** All at once, so that a service of several instances goes as one. */
  remove(instances: Iterable<Instance>): void {
    const changed = new Set<string>()
    for (const instance of instances) this.#part(instance, changed)
    this.#tellAll(changed)
  }

  /** The service that an instance is of; undefined while it is of none. */
  #idNow(instance: Instance): string | undefined {
    const fields = instance.fields
    if (fields === undefined || fields === 'bad' || this.incomplete(instance)) return undefined
    return fields.instance ?? instance.fullName
  }

  /** False where the service has as many instances as are believed, unless another source says more of them: that one makes room. */
  #join(instance: Instance, id: string): boolean {
    let peer = this.#peers.get(id)
    if (peer === undefined) this.#peers.set(id, (peer = { instances: new Set(), told: undefined }))
    if (
      peer.instances.size >= MAX_ENDPOINTS &&
      !peer.instances.has(instance) &&
      !this.#makeRoom(peer, instance)
    )
      return false
    peer.instances.add(instance)
    this.#idOf.set(instance, id)
    return true
  }

  #makeRoom({ instances }: Peer, newcomer: Instance): boolean {
    const bySource = new Map<string, Instance[]>()
    for (const each of instances) bySource.set(each.source, [...(bySource.get(each.source) ?? []), each])
    const most = [...bySource.values()].reduce((one, other) => (other.length > one.length ? other : one))
    if (most.length <= (bySource.get(newcomer.source)?.length ?? 0) + 1) return false
    const last = most.at(-1)!
    this.#idOf.delete(last)
    return instances.delete(last)
  }

  #part(instance: Instance, changed: Set<string>): void {
    const id = this.#idOf.get(instance)
    if (id === undefined) return
    this.#idOf.delete(instance)
    this.#peers.get(id)!.instances.delete(instance)
    changed.add(id)
  }

  #tellAll(ids: Iterable<string>): void {
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
      endpoints: [...new Set(endpoints)].slice(0, MAX_ENDPOINTS),
      priority: first.location!.priority,
      weight: first.location!.weight,
      source: first.source,
    })
  }

  #each(service: Service, action: (feed: Feed) => void): void {
    for (const [feed, watched] of this.#feeds) if (wanted(watched, service)) action(feed)
  }
}

function wanted(watched: string, { name }: Service): boolean {
  return watched === name || watched === ANY_NAME
}
