/** Where `top` reads: statistics endpoints that were named, and those of announced peers. */
import { setTimeout } from 'node:timers/promises'
import type { Discovery, Service } from '../../discovery/index.ts'
import { type CommonSettings, json, Request } from '../../index.ts'
import { readStatistics, type Snapshot } from '../../observability/index.ts'
import { describeError } from '../exit.ts'

/** What is known of one source. */
export interface Reading {
  readonly endpoint: string
  readonly snapshot: Snapshot | undefined
  /** Seconds since the process began; of the snapshot before. */
  readonly previous: Snapshot | undefined
  /** Why there is nothing newer. */
  readonly trouble: string | undefined
}

/** Milliseconds an answer may take. */
const PATIENCE = 2000

export class Sources {
  readonly #settings: CommonSettings
  readonly #sources = new Map<string, Source>()

  constructor(settings: CommonSettings) {
    this.#settings = settings
  }

  get readings(): Reading[] {
    return [...this.#sources.values()].map(source => source.reading)
  }

  add(endpoint: string): void {
    if (!this.#sources.has(endpoint)) this.#sources.set(endpoint, new Source(endpoint, this.#settings))
  }

  remove(endpoint: string): void {
    void this.#sources.get(endpoint)?.close()
    this.#sources.delete(endpoint)
  }

  /** Adds and removes what is announced, until the signal aborts. */
  async follow(discovery: Discovery, name: string, signal: AbortSignal): Promise<void> {
    for await (const { kind, service } of discovery.watch(name, signal)) {
      const endpoint = statisticsOf(service)
      if (endpoint === undefined) continue
      if (kind === 'up') this.add(endpoint)
      else this.remove(endpoint)
    }
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
    this.#request = new Request({ ...settings, codec: json as never, linger: 0 }).connect(endpoint)
    this.reading = { endpoint, snapshot: undefined, previous: undefined, trouble: 'no answer yet' }
  }

  async read(signal: AbortSignal): Promise<void> {
    try {
      const snapshot = await readStatistics(this.#request, { timeout: PATIENCE, signal })
      this.reading = { ...this.reading, snapshot, previous: this.reading.snapshot, trouble: undefined }
    } catch (error) {
      if (!signal.aborted) this.reading = { ...this.reading, trouble: describeError(error) }
    }
  }

  async close(): Promise<void> {
    await this.#request.close()
  }
}

/** The statistics endpoint an announcement names; a wildcard host means the host that announces. */
function statisticsOf({ meta, endpoints }: Service): string | undefined {
  const named = meta?.['statistics']
  const wildcard = /^tcp:\/\/(\*|0\.0\.0\.0|\[::\]):(\d+)$/.exec(named ?? '')
  if (wildcard === null) return named?.startsWith('tcp://') ? named : undefined
  const host = /^tcp:\/\/(.+):\d+$/.exec(endpoints[0] ?? '')?.[1]
  return host && `tcp://${host}:${wildcard[2]}`
}

/** Resolves after a while, or at once when the signal aborts. */
export async function pause(length: number, signal: AbortSignal): Promise<void> {
  await setTimeout(length, undefined, { signal }).catch(() => {})
}
