/** How commands are run: the program gives them a job. */
import type { Job, JobOptions } from '../job.ts'

export type Perform = (options: JobOptions, work: (job: Job) => Promise<void>) => Promise<void>
