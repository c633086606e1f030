/** Where the messages to send come from: `--data`, or standard input. */
import { setTimeout } from 'node:timers/promises'
import { InvalidMessageError } from '../index.ts'
import type { CommandRun } from './command-run.ts'
import type { Format } from './format.ts'
import type { LineMessage } from './line-message.ts'
import { splitLines } from './split-lines.ts'

export interface InputOptions {
  readonly data?: readonly string[] | undefined
  /** Milliseconds between two messages; `data` is repeated then. */
  readonly interval?: number | undefined
  /** Messages in all. */
  readonly count?: number | undefined
}

/** What is to be sent, in order. Lines that do not match are complained about and skipped. */
export async function* messagesIn(
  run: CommandRun,
  format: Format,
  options: InputOptions,
  signal = run.signal,
): AsyncGenerator<LineMessage> {
  const { interval, count = Infinity } = options
  let given = 0
  if (count === 0) return
  for await (const { number, bytes } of source(format, options, signal)) {
    const message = read(run, format, bytes, number)
    if (signal.aborted) return
    if (message === undefined) continue
    if (interval !== undefined && given > 0 && !(await pause(interval, signal))) return
    yield message
    if (++given >= count) return
  }
}

/** Undefined when the line does not match. */
function read(
  run: CommandRun,
  format: Format,
  bytes: Buffer,
  number: number | undefined,
): LineMessage | undefined {
  try {
    const message = format.read(bytes)
    // The codec has the last word, and says it here, where the line number is known.
    format.codec.encode(message.parts)
    return message
  } catch (error) {
    if (!(error instanceof InvalidMessageError)) throw error
    run.skip(error, number === undefined ? '--data: ' : `line ${number}: `)
    return undefined
  }
}

interface Piece {
  /** Undefined for `--data`. */
  readonly number: number | undefined
  readonly bytes: Buffer
}

async function* source(
  format: Format,
  { data, interval, count }: InputOptions,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  if (data === undefined) {
    yield* standardInput(format, signal)
    return
  }
  const repeated = interval !== undefined || count !== undefined
  do for (const text of data) yield { number: undefined, bytes: Buffer.from(text) }
  while (repeated && !signal.aborted)
}

async function* standardInput(format: Format, signal: AbortSignal): AsyncGenerator<Piece> {
  const stop = () => process.stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (!format.whole) yield* splitLines(process.stdin)
    else yield { number: 1, bytes: await allOf(process.stdin) }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    // Else an open terminal would keep us alive.
    process.stdin.destroy()
  }
}

/** False when the run ended meanwhile. */
async function pause(length: number, signal: AbortSignal): Promise<boolean> {
  await setTimeout(length, undefined, { signal }).catch(() => {})
  return !signal.aborted
}

async function allOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
