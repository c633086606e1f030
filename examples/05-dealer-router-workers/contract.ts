/** What the dispatcher and its workers say to each other. */

/** From a worker, when it has nothing to do; with the job it has done, if there was one. */
export interface Ready {
  readonly worker: string
  readonly done?: number
}

/** To a worker: a job of this many milliseconds, or the end of all jobs. */
export type Order = { readonly job: number } | { readonly end: true }
