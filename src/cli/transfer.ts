/** The loops of the command line: lines to messages, messages to lines. */
import { TimeoutError } from '../index.ts'
import { EXIT, ExitError } from './exit.ts'
import type { Format } from './format.ts'
import { entries } from './input.ts'
import type { Job } from './job.ts'
import type { MessageOptions } from './options.ts'
import { print } from './output.ts'
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
      await print(together(batch.map(format.write)), signal)
      if (echo) for (const entry of batch) await wire.send!(entry, { timeout, signal })
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
      if (received > 0 && count === Infinity) return
      throw new ExitError(EXIT.timeout, `no message within ${timeout! / 1000} s`, { cause: error })
    }
  }
}

export function together(pieces: readonly (Buffer | string)[]): Buffer | string {
  if (pieces.every(piece => typeof piece === 'string')) return pieces.join('')
  return Buffer.concat(pieces.map(piece => Buffer.from(piece as string)))
}
