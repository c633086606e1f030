/** What the processes of the work queue say to each other. */

/** Count the primes in `from <= n < to`. */
export interface Job {
  readonly from: number
  readonly to: number
}

export interface Result extends Job {
  readonly worker: number
  readonly primes: number
}
