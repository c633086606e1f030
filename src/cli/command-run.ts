/** One run of a command: what ends it, what it complains about, and the exit code that comes of it. */
import { describeError, EXIT, ExitError, exitCodeOf, oneLine } from './exit.ts'
import { err } from './output.ts'
import { paint, type Text } from './paint.ts'

const PREFIX = 'typedmq: '

export interface RunOptions {
  readonly verbose?: boolean | undefined
  /** The first complaint about a line or message ends the run. */
  readonly strict?: boolean | undefined
}

/** What the program gives its commands: runs the work of one with these options. */
export type Perform = (options: RunOptions, work: (run: CommandRun) => Promise<void>) => Promise<void>

export class CommandRun {
  readonly verbose: boolean
  readonly #strict: boolean
  readonly #end = new AbortController()
  #exitCode: number = EXIT.done

  constructor({ verbose = false, strict = false }: RunOptions) {
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

  /** One line about what went wrong; the run goes on, and its exit code will be that of the last complaint. */
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

  /** A line of information; by default only with `--verbose`. */
  tell(text: string, detail: 'always' | 'verbose' = 'verbose'): void {
    if (detail === 'always' || this.verbose) this.#write(paint('dim', [PREFIX, oneLine(text)]))
  }

  #write(line: Text): void {
    err.write([line, '\n'])
  }
}

/** Runs a command to its end or until Ctrl-C or a closed output ends it; returns the exit code. */
export async function runCommand(run: CommandRun, work: (run: CommandRun) => Promise<void>): Promise<number> {
  const interrupted = () => stop(run, EXIT.interrupted)
  const terminated = () => stop(run, EXIT.terminated)
  const outputFailed = (error: NodeJS.ErrnoException) =>
    run.end(
      error.code === 'EPIPE'
        ? new ExitError(EXIT.closedPipe, '')
        : new ExitError(EXIT.failed, `the output cannot be written: ${error.message}`),
    )
  process.on('SIGINT', interrupted).on('SIGTERM', terminated)
  process.stdout.on('error', outputFailed)
  // A closed standard error is not reported: there is nowhere to report it.
  process.stderr.on('error', () => {})
  // Discovery, and a socket without peers, would let the process end in the midst of waiting.
  const awake = setInterval(() => {}, 2 ** 30)
  try {
    await work(run)
    if (run.signal.aborted) throw run.signal.reason
  } catch (error) {
    run.complain(run.signal.aborted ? run.signal.reason : error)
  } finally {
    clearInterval(awake)
    process.off('SIGINT', interrupted).off('SIGTERM', terminated)
  }
  return run.exitCode
}

/** The first Ctrl-C ends the run in good order; the second, while that takes its time, at once. */
function stop(run: CommandRun, exitCode: number): void {
  if (run.signal.aborted) process.exit(exitCode)
  run.end(new ExitError(exitCode, ''))
}
