/** How the program ends: exit codes, and one line for every error. */
import { CommanderError } from 'commander'
import { TypedMqError } from '../errors.ts'

/** What each exit code means; shown by `typedmq --help`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  timeout: 3,
  input: 4,
  endpoint: 5,
  interrupted: 130,
  closedPipe: 141,
  terminated: 143,
} as const

export const EXIT_HELP = `
Exit codes:
  0    all that was asked for is done
  1    something failed that has no code of its own
  2    unknown command, option or value
  3    no peer, message or answer within --timeout
  4    a line or a message does not match the format (skipped, or the end with --strict)
  5    an endpoint that does not parse, or cannot be used
  130  Ctrl-C    141  the reader of our output has gone    143  terminated`

/** An error that says how the program ends. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export function usage(message: string): ExitError {
  return new ExitError(EXIT.usage, message)
}

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ExitError) return error.exitCode
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (!(error instanceof TypedMqError)) return EXIT.failed
  switch (error.code) {
    case 'OPTION':
      return EXIT.usage
    case 'TIMEOUT':
      return EXIT.timeout
    case 'INVALID_MESSAGE':
    case 'MESSAGE_SIZE':
      return EXIT.input
    case 'ADDRESS':
    case 'ADDRESS_IN_USE':
      return EXIT.endpoint
    default:
      return EXIT.failed
  }
}

/** One line, whatever the error holds; with its stack when `verbose`, or that of what caused it when we only say so. */
export function describeError(error: unknown, verbose = false): string {
  if (!(error instanceof Error)) return oneLine(String(error))
  const line = oneLine(error.message)
  if (!verbose) return line
  if (!(error instanceof ExitError)) return error.stack ?? line
  return error.cause instanceof Error ? `${line}\n${error.cause.stack}` : line
}

/** Characters of one line. A peer may send an error of 64 MiB. */
const MAX_LINE = 4_000

/** For people: a line break and the blanks around it become a blank, other control characters the replacement character. */
export function oneLine(text: string): string {
  const line = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}...` : text
  if (!/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(line)) return line
  // Not one expression for the blanks on both sides: it takes the square of their number where no line break follows.
  const lines = line.split('\n').map((part, index) => (index === 0 ? part : part.trimStart()))
  const last = lines.length - 1
  return lines
    .map((part, index) => (index === last ? part : part.trimEnd()))
    .filter((part, index) => part !== '' || index === 0 || index === last)
    .join(' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '\ufffd')
}
