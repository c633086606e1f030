/** The loops of the command line: lines to messages, messages to lines. */
import { InvalidMessageError, TimeoutError, UnroutableError } from '../index.ts'
import { EXIT, ExitError } from './exit.ts'
import type { Format } from './format.ts'
import { entries } from './input.ts'
import type { Job } from './job.ts'
import type { MessageOptions } from './options.ts'
import { print } from './output.ts'
import type { Entry } from './record.ts'
import type { Wire } from './wires.ts'

/** Messages printed with one write. */
const BATCH = 256

/** Sends until the input ends, `count` is reached or the run ends. */
export async function sendAll(
  job: Job,
  wire: Wire,
  format: Format,
  options: MessageOptions,
  signal = job.signal,
): Promise<void> {
  const { timeout } = options
  const send = wire.send!
  for await (const entry of entries(job, format, options, signal)) {
    try {
      await send(entry, { timeout, signal })
    } catch (error) {
      if (signal.aborted) job.complain(new ExitError(EXIT.failed, 'the last line that was read is not sent'))
      if (!(error instanceof TimeoutError)) throw error
      throw new ExitError(EXIT.timeout, `nobody had room within ${timeout! / 1000} s`, { cause: error })
    }
  }
}

/**
 * Prints until `count` is reached, the run ends, or nothing comes for `timeout`: which is an error when nothing had come, or
 * not as much as `count` says.
 */
export async function receiveAll(
  job: Job,
  wire: Wire,
  format: Format,
  options: MessageOptions,
): Promise<void> {
  const { count = Infinity, timeout, echo } = options
  const { signal } = job
  let received = 0
  while (received < count && !signal.aborted) {
    try {
      const batch = await wire.receive!(Math.min(BATCH, count - received), { timeout, signal })
      received += batch.length
      await printAll(job, format, batch)
      if (echo) for (const entry of batch) await giveBack(job, wire, entry, timeout)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      if (received > 0 && count === Infinity) return
      throw new ExitError(EXIT.timeout, `no message within ${timeout! / 1000} s`, { cause: error })
    }
  }
}

/** Pieces are written together up to so many characters or bytes: the longest string of JavaScript has 512 MB. */
const TOGETHER = 2 ** 20

/** A peer chooses what it sends: what cannot be shown is skipped. */
async function printAll(job: Job, { write }: Format, batch: readonly Entry[]): Promise<void> {
  let pieces: (Buffer | string)[] = []
  let size = 0
  for (const entry of batch) {
    try {
      const piece = write(entry)
      pieces.push(piece)
      size += piece.length
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error
      job.skip(error, 'received: ')
    }
    if (size < TOGETHER) continue
    await print(together(pieces), job.signal)
    pieces = []
    size = 0
  }
  if (pieces.length > 0) await print(together(pieces), job.signal)
}

/** A peer that has left meanwhile, or whose value cannot be encoded again, is no reason to end. */
async function giveBack(job: Job, wire: Wire, entry: Entry, timeout: number | undefined): Promise<void> {
  try {
    await wire.send!(entry, { timeout, signal: job.signal })
  } catch (error) {
    if (!(error instanceof UnroutableError || error instanceof InvalidMessageError)) throw error
    job.skip(error, 'not sent back: ')
  }
}

export function together(pieces: readonly (Buffer | string)[]): Buffer | string {
  if (pieces.every(piece => typeof piece === 'string')) return pieces.join('')
  return Buffer.concat(pieces.map(piece => Buffer.from(piece as string)))
}
