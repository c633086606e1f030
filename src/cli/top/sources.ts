/** Where `top` reads: statistics endpoints that were named, and those of announced peers. One that is bad is a line of the table. */
import { setTimeout } from 'node:timers/promises'
import type { Discovery, Service } from '../../discovery/index.ts'
import { type CommonSettings, json, Request } from '../../index.ts'
import { readStatistics, type Snapshot } from '../../observability/index.ts'
import { MAX_SNAPSHOT } from '../../observability/statistics.ts'
import { describeError } from '../exit.ts'
import { statisticsEndpointOf } from './statistics-endpoint.ts'

/** What is known of one source. */
export interface Reading {
  readonly endpoint: string
  readonly snapshot: Snapshot | undefined
  /** Seconds since the process began; of the snapshot before. */
  readonly previous: Snapshot | undefined
  /** Why there is nothing newer. */
  readonly error: string | undefined
}

/** Milliseconds an answer may take. */
const PATIENCE = 2000
/** Announced sources, and those of one announcing address: each may hold two snapshots of 1,000 peers, about 2 MB. */
const MAX_SOURCES = 100
const MAX_OF_ONE = 50

/** What an answer may cost. */
const LIMITS = { maxMessageSize: MAX_SNAPSHOT, maxParts: 16, receiveHighWaterMark: 4, linger: 0 }

/** One instance's word. */
interface Announced {
  /** Undefined: what it names cannot be read. */
  readonly endpoint: string | undefined
  readonly by: string
  readonly reading: Reading
}

export class Sources {
  readonly #settings: CommonSettings
  readonly #named = new Set<string>()
  /** By endpoint. */
  readonly #sources = new Map<string, Source>()
  /** By instance; several may have one endpoint, and it is read until the last has gone. */
  readonly #announced = new Map<string, Announced>()
  readonly #refused = new Set<string>()

  constructor(settings: CommonSettings) {
    this.#settings = settings
  }

  get readings(): Reading[] {
    const bad = [...this.#announced.values()].filter(({ endpoint }) => endpoint === undefined)
    return [...this.#sources.values(), ...bad].map(({ reading }) => reading)
  }

  /** Announced ones that are left out, for there are too many. */
  get refused(): number {
    return this.#refused.size
  }

  /** Throws `AddressError`. */
  add(endpoint: string): void {
    this.#named.add(endpoint)
    this.#open(endpoint)
  }

  /** Adds and removes what is announced, until the signal aborts. */
  async follow(discovery: Discovery, name: string, signal: AbortSignal): Promise<void> {
    for await (const { kind, service } of discovery.watch(name, signal)) {
      const { instance } = service
      const announced = kind === 'up' ? this.#heard(service) : undefined
      if (announced === undefined) this.#forget(instance)
      else if (this.#admits(instance, announced)) {
        const before = this.#announced.get(instance)
        this.#announced.set(instance, announced)
        this.#release(before?.endpoint)
      } else if (this.#refused.size < MAX_SOURCES * MAX_OF_ONE) this.#refused.add(instance)
    }
  }

  #heard(service: Service): Announced | undefined {
    const by = service.source ?? ''
    const nothing = { snapshot: undefined, previous: undefined }
    try {
      const endpoint = statisticsEndpointOf(service)
      if (endpoint === undefined) return undefined
      return { endpoint, by, reading: { ...nothing, endpoint, error: undefined } }
    } catch (error) {
      const reading = { ...nothing, endpoint: service.name, error: describeError(error) }
      return { endpoint: undefined, by, reading }
    }
  }

  /** True when there is room, or when there is less of its announcer than of the one that has most: that one makes room. */
  #admits(instance: string, { endpoint, by }: Announced): boolean {
    if (!this.#announced.has(instance)) {
      const counts = new Map<string, number>()
      for (const each of this.#announced.values()) counts.set(each.by, (counts.get(each.by) ?? 0) + 1)
      const own = counts.get(by) ?? 0
      if (own >= MAX_OF_ONE) return false
      if (this.#announced.size >= MAX_SOURCES) {
        const [most, count] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one))
        if (count <= own + 1) return false
        const [last] = [...this.#announced].findLast(([, each]) => each.by === most)!
        this.#forget(last)
        this.#refused.add(last)
      }
    }
    this.#refused.delete(instance)
    if (endpoint !== undefined) this.#open(endpoint)
    return true
  }

  #forget(instance: string): void {
    this.#refused.delete(instance)
    const announced = this.#announced.get(instance)
    this.#announced.delete(instance)
    this.#release(announced?.endpoint)
  }

  #open(endpoint: string): void {
    if (!this.#sources.has(endpoint)) this.#sources.set(endpoint, new Source(endpoint, this.#settings))
  }

  /** Closes the connection to a source that is not listed any more. */
  #release(endpoint: string | undefined): void {
    if (endpoint === undefined || this.#named.has(endpoint)) return
    for (const each of this.#announced.values()) if (each.endpoint === endpoint) return
    void this.#sources.get(endpoint)?.close()
    this.#sources.delete(endpoint)
  }

  /** Asks all at once; resolves when each has answered or has had its time. */
  async read(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#sources.values()].map(source => source.read(signal)))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sources.values()].map(source => source.close()))
  }
}

class Source {
  readonly #request: Request<any, any>
  reading: Reading

  constructor(endpoint: string, settings: CommonSettings) {
    this.#request = new Request({ ...settings, ...LIMITS, codec: json as never })
    this.#request.connect(endpoint)
    this.reading = { endpoint, snapshot: undefined, previous: undefined, error: 'no answer yet' }
  }

  async read(signal: AbortSignal): Promise<void> {
    try {
      const snapshot = await readStatistics(this.#request, { timeout: PATIENCE, signal })
      this.reading = { ...this.reading, snapshot, previous: this.reading.snapshot, error: undefined }
    } catch (error) {
      if (!signal.aborted) this.reading = { ...this.reading, error: describeError(error) }
    }
  }

  async close(): Promise<void> {
    await this.#request.close()
  }
}

/** Resolves after a while, or at once when the signal aborts. */
export async function pause(length: number, signal: AbortSignal): Promise<void> {
  await setTimeout(length, undefined, { signal }).catch(() => {})
}
