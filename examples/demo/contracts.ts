/** What the processes of the demo say to each other. */

/** A file to checksum. Times are milliseconds of the machine's clock. */
export interface Job {
  readonly path: string
  /** When the ventilator began to make this job, and when it sent it. */
  readonly begun: number
  readonly sent: number
}

/** A checksum. Durations are milliseconds: latency = produce + queue + consume. */
export interface Result {
  readonly worker: number
  readonly path: string
  readonly digest: string
  readonly bytes: number
  readonly produce: number
  readonly queue: number
  readonly consume: number
}

/** To the sink: results from the workers, and from the ventilator how many there will be. */
export type ToSink = { readonly result: Result } | { readonly total: number }

/** Over PUB/SUB, from the sink to whoever wants to watch. */
export interface Progress {
  readonly files: number
  /** Undefined until the ventilator has seen the whole directory. */
  readonly total: number | undefined
  readonly bytes: number
}

export interface Share {
  readonly worker: number
  readonly files: number
  readonly bytes: number
  /** p50 and p99 of each part of the latency. */
  readonly produce: readonly [number, number]
  readonly queue: readonly [number, number]
  readonly consume: readonly [number, number]
}

export interface Summary {
  readonly files: number
  readonly bytes: number
  readonly digest: string
  /** Seconds from the first result to the last. */
  readonly seconds: number
  readonly workers: readonly Share[]
}

/** Over REQ/REP: what a process asks the control channel. */
export type Question =
  | { readonly ask: 'settings'; readonly worker: number }
  | { readonly ask: 'bound'; readonly role: 'ventilator' | 'sink'; readonly endpoint: string }
  | { readonly ask: 'endpoint'; readonly role: 'ventilator' | 'sink' }
  | { readonly ask: 'done'; readonly summary: Summary }

export interface Settings {
  readonly algorithm: string
  readonly jobs: string
  readonly results: string
}

/** Settings for `settings`, an endpoint for `endpoint`, nothing for the others. */
export type Answer = Settings | string | null

/** The machine's clock in milliseconds, finer than `Date.now`. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
