/** What has been heard of each instance, for as long as its sender said. Bounded: whoever says most is forgotten first. */
import type { ServiceLocation } from './packet.ts'
import type { TxtFields } from './txt.ts'

/** Several times the largest LAN that would be one mDNS domain; a flood of strangers fills about 2 MB. */
export const MAX_INSTANCES = 2_000
export const MAX_ADDRESSES = 16

/** One address of a host is news for all its instances: with 2,000 of them every small datagram would cost 30 ms. */
const MAX_AT_HOST = 256

export class Instance {
  readonly fullName: string
  /** The address it was first heard from. */
  readonly source: string
  /** When it was first heard of; milliseconds, as all times here. */
  readonly since: number
  location: ServiceLocation | undefined
  /** Undefined: not heard yet. 'bad': says something impossible. */
  fields: TxtFields | 'bad' | undefined
  /** Address to the time it is forgotten. */
  readonly addresses = new Map<string, number>()
  /** When each part of it was heard last, and when it is forgotten. */
  pointer = { heard: 0, until: 0 }
  locationUntil = Number.POSITIVE_INFINITY
  /** How often it was asked for since it was heard last. */
  asked = 0
  /** Whether what is missing was asked for since it was heard last. */
  inquired = false

  constructor(fullName: string, source: string, now: number) {
    this.fullName = fullName
    this.source = source
    this.since = now
  }

  get until(): number {
    return Math.min(this.pointer.until, this.locationUntil)
  }

  /** True when it is new. */
  addAddress(address: string, until: number): boolean {
    const known = this.addresses.delete(address)
    if (this.addresses.size >= MAX_ADDRESSES) this.addresses.delete(this.addresses.keys().next().value!)
    this.addresses.set(address, until)
    return !known
  }
}

export class InstanceTable {
  /** By full name in lower case; the longest unheard of first. */
  readonly #instances = new Map<string, Instance>()
  readonly #bySource = new Map<string, Set<Instance>>()
  readonly #byHost = new Map<string, Set<Instance>>()
  readonly #limit: number

  constructor(limit = MAX_INSTANCES) {
    this.#limit = limit
  }

  get size(): number {
    return this.#instances.size
  }

  values(): IterableIterator<Instance> {
    return this.#instances.values()
  }

  get(fullName: string): Instance | undefined {
    return this.#instances.get(fullName.toLowerCase())
  }

  /** The instances whose addresses stand under the host. */
  at(host: string): Iterable<Instance> {
    return this.#byHost.get(host.toLowerCase()) ?? []
  }

  /** Finds or makes the instance, as heard of just now. `evicted` is what had to make room. */
  hear(fullName: string, source: string, now: number): { instance: Instance; evicted: Instance | undefined } {
    const key = fullName.toLowerCase()
    const known = this.#instances.get(key)
    if (known) {
      this.#instances.delete(key)
      this.#instances.set(key, known)
      return { instance: known, evicted: undefined }
    }
    const evicted = this.#instances.size >= this.#limit ? this.#loudest() : undefined
    if (evicted) this.delete(evicted)
    const instance = new Instance(fullName, source, now)
    this.#instances.set(key, instance)
    add(this.#bySource, source, instance)
    return { instance, evicted }
  }

  locate(instance: Instance, location: ServiceLocation): void {
    if (instance.location) remove(this.#byHost, instance.location.target.toLowerCase(), instance)
    if (instance.location?.target !== location.target) instance.addresses.clear()
    instance.location = location
    const host = location.target.toLowerCase()
    if ((this.#byHost.get(host)?.size ?? 0) < MAX_AT_HOST) add(this.#byHost, host, instance)
  }

  delete(instance: Instance): void {
    this.#instances.delete(instance.fullName.toLowerCase())
    remove(this.#bySource, instance.source, instance)
    if (instance.location) remove(this.#byHost, instance.location.target.toLowerCase(), instance)
  }

  /** Of the source with the most instances, the one longest unheard of. */
  #loudest(): Instance {
    let most: Set<Instance> = new Set()
    for (const instances of this.#bySource.values()) if (instances.size > most.size) most = instances
    for (const instance of this.#instances.values()) if (most.has(instance)) return instance
    throw new RangeError('the table is empty')
  }
}

function add(index: Map<string, Set<Instance>>, key: string, instance: Instance): void {
  const set = index.get(key)
  if (set) set.add(instance)
  else index.set(key, new Set([instance]))
}

function remove(index: Map<string, Set<Instance>>, key: string, instance: Instance): void {
  const set = index.get(key)
  set?.delete(instance)
  if (set?.size === 0) index.delete(key)
}
