/** One watched DNS name: asks, compares with the last answer, tells the difference. */
import type { DiscoveryError } from '../../errors.ts'
import type { ChangeFeed } from '../change-feed.ts'
import type { Service } from '../discovery.ts'
import type { ErrorReporter } from '../error-reporter.ts'
import { type Found, lookUp } from './lookup.ts'

/**
 * A peer is down when it was missing this often in a row. Servers answer with part of a long list, in turn, or briefly with nothing
 * while they restart; a failed question counts for nothing.
 */
const MISSES = 3

export interface PollSettings {
  readonly name: string
  readonly host: string
  readonly port: number | undefined
  readonly servers: readonly string[] | undefined
  readonly interval: number
  readonly feed: ChangeFeed
  readonly errors: ErrorReporter
}

interface Known {
  service: Service
  signature: string
  misses: number
}

export class Poll {
  readonly #settings: PollSettings
  readonly #known = new Map<string, Known>()
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(settings: PollSettings) {
    this.#settings = settings
    void this.#round()
  }

  stop(): void {
    this.#stop.abort()
    clearTimeout(this.#timer)
  }

  async #round(): Promise<void> {
    const { host, errors, interval } = this.#settings
    try {
      const { found, problems } = await lookUp({ ...this.#settings, signal: this.#stop.signal })
      if (this.#stop.signal.aborted) return
      this.#compare(found)
      const [problem] = problems
      if (problem) errors.report(host, problem)
      else errors.resolved(host)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      errors.report(host, error as DiscoveryError)
    }
    this.#timer = setTimeout(() => void this.#round(), interval).unref()
  }

  #compare(found: readonly Found[]): void {
    const { name, feed } = this.#settings
    const missing = new Map(this.#known)
    const answered = new Set<string>()
    for (const { id, ...rest } of found) {
      if (answered.has(id)) continue
      answered.add(id)
      missing.delete(id)
      const known = this.#known.get(id)
      if (known) known.misses = 0
      if (rest.endpoints.length === 0) continue
      const service: Service = { name, instance: id, ...rest }
      const signature = JSON.stringify({ ...service, endpoints: [...service.endpoints].sort() })
      if (known?.signature === signature) continue
      this.#known.set(id, { service, signature, misses: 0 })
      feed.up(service)
    }
    for (const [id, known] of missing) {
      if (++known.misses < MISSES) continue
      this.#known.delete(id)
      feed.down(known.service)
    }
  }
}
