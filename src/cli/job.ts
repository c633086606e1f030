/** One run of a command: what ends it, what it complains about, and the exit code that comes of it. */
import { describeError, EXIT, ExitError, exitCodeOf, oneLine } from './exit.ts'
import { err } from './output.ts'
import { paint, type Text } from './paint.ts'

const PREFIX = 'typedmq: '

export interface JobOptions {
  readonly verbose?: boolean | undefined
  /** The first complaint about a line or message ends the run. */
  readonly strict?: boolean | undefined
}

export class Job {
  readonly verbose: boolean
  readonly #strict: boolean
  readonly #end = new AbortController()
  #exitCode: number = EXIT.done

  constructor({ verbose = false, strict = false }: JobOptions) {
    this.verbose = verbose
    this.#strict = strict
  }

  /** Aborts, with the error that says how to end, when it is time to go. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  get exitCode(): number {
    return this.#exitCode
  }

  /** Asks the run to end. The first reason counts. */
  end(reason: ExitError): void {
    this.#end.abort(reason)
  }

  /** One line about what went wrong; the run goes on, and will end with the code of its last trouble. */
  complain(error: unknown, where = ''): void {
    this.#exitCode = exitCodeOf(error)
    const text = describeError(error, this.verbose)
    if (text !== '') this.#write([paint('red', PREFIX), where, text])
  }

  /** A line or message that does not match: it is skipped, or with `strict` the end. */
  skip(error: unknown, where = ''): void {
    const mismatch = new ExitError(EXIT.input, where + describeError(error), { cause: error })
    if (this.#strict) this.end(mismatch)
    else this.complain(mismatch)
  }

  /** What is worth knowing; with `detail`, only to the curious. */
  tell(text: string, detail: 'always' | 'verbose' = 'verbose'): void {
    if (detail === 'always' || this.verbose) this.#write(paint('dim', [PREFIX, oneLine(text)]))
  }

  #write(line: Text): void {
    err.write([line, '\n'])
  }
}

/** Runs a command to its end, listening to Ctrl-C and to a closed output meanwhile; answers the exit code. */
export async function run(job: Job, work: (job: Job) => Promise<void>): Promise<number> {
  const interrupted = () => stop(job, EXIT.interrupted)
  const terminated = () => stop(job, EXIT.terminated)
  const outputFailed = (error: NodeJS.ErrnoException) =>
    job.end(
      error.code === 'EPIPE'
        ? new ExitError(EXIT.closedPipe, '')
        : new ExitError(EXIT.failed, `the output cannot be written: ${error.message}`),
    )
  process.on('SIGINT', interrupted).on('SIGTERM', terminated)
  process.stdout.on('error', outputFailed)
  // Nobody reads our complaints any more; there is no one to tell.
  process.stderr.on('error', () => {})
  // Discovery, and a socket without peers, would let the process end in the midst of waiting.
  const awake = setInterval(() => {}, 2 ** 30)
  try {
    await work(job)
    if (job.signal.aborted) throw job.signal.reason
  } catch (error) {
    job.complain(job.signal.aborted ? job.signal.reason : error)
  } finally {
    clearInterval(awake)
    process.off('SIGINT', interrupted).off('SIGTERM', terminated)
  }
  return job.exitCode
}

/** The first Ctrl-C ends in good order; the second, which finds us still busy with that, at once. */
function stop(job: Job, exitCode: number): void {
  if (job.signal.aborted) process.exit(exitCode)
  job.end(new ExitError(exitCode, ''))
}
