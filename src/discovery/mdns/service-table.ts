/** The services that instances make up, and the watchers to be told of them. A socket with several ports is one service of several instances. */

import type { ChangeFeed } from '../change-feed.ts'
import { ANY_NAME, type Service } from '../discovery.ts'
import { labelOf } from './announced.ts'
import { endpointsOf } from './instance-endpoints.ts'
import type { Instance } from './instance-table.ts'
import type { TxtFields } from './txt.ts'

/** Instances and endpoints that one service may have: an announcer may claim thousands. */
const MAX_ENDPOINTS = 64

interface Entry {
  readonly instances: Set<Instance>
  /** What the feeds were told last. */
  told: { readonly service: Service; readonly signature: string } | undefined
}

export class ServiceTable {
  readonly #onLink: (address: string) => boolean
  readonly #services = new Map<string, Entry>()
  readonly #idOf = new Map<Instance, string>()
  readonly #feeds = new Map<ChangeFeed, string>()

  constructor(onLink: (address: string) => boolean) {
    this.#onLink = onLink
  }

  get watched(): boolean {
    return this.#feeds.size > 0
  }

  /** Tells the feed of the services that are known. */
  addFeed(feed: ChangeFeed, name: string): void {
    this.#feeds.set(feed, name)
    for (const { told } of this.#services.values())
      if (told && wanted(name, told.service)) feed.up(told.service)
  }

  removeFeed(feed: ChangeFeed): void {
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
    let entry = this.#services.get(id)
    if (entry === undefined) this.#services.set(id, (entry = { instances: new Set(), told: undefined }))
    if (
      entry.instances.size >= MAX_ENDPOINTS &&
      !entry.instances.has(instance) &&
      !this.#makeRoom(entry, instance)
    )
      return false
    entry.instances.add(instance)
    this.#idOf.set(instance, id)
    return true
  }

  #makeRoom({ instances }: Entry, newcomer: Instance): boolean {
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
    this.#services.get(id)!.instances.delete(instance)
    changed.add(id)
  }

  #tellAll(ids: Iterable<string>): void {
    for (const id of ids) this.#tell(id, this.#services.get(id)!)
  }

  #tell(id: string, entry: Entry): void {
    const before = entry.told
    const [first] = entry.instances
    if (first === undefined) {
      this.#services.delete(id)
      if (before) this.#each(before.service, feed => feed.down(before.service))
      return
    }
    const service = this.#serviceOf(id, first, entry.instances)
    // Another order of endpoints is not a change.
    const signature = JSON.stringify({ ...service, endpoints: [...service.endpoints].sort() })
    if (signature === before?.signature) return
    entry.told = { service, signature }
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

  #each(service: Service, action: (feed: ChangeFeed) => void): void {
    for (const [feed, watched] of this.#feeds) if (wanted(watched, service)) action(feed)
  }
}

function wanted(watched: string, { name }: Service): boolean {
  return watched === name || watched === ANY_NAME
}
