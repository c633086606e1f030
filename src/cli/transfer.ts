/** The loops of the command line: lines to messages, messages to lines. */
import { InvalidMessageError, TimeoutError, UnroutableError } from '../index.ts'
import type { CommandRun } from './command-run.ts'
import { EXIT, ExitError } from './exit.ts'
import type { Format } from './format.ts'
import { messagesIn } from './input.ts'
import type { LineMessage } from './line-message.ts'
import type { LineSocket } from './line-socket.ts'
import type { MessageOptions } from './options.ts'
import { print } from './output.ts'

/** Messages printed with one write. */
const BATCH = 256

/** Sends until the input ends, `count` is reached or the run ends. */
export async function sendAll(
  run: CommandRun,
  lineSocket: LineSocket,
  format: Format,
  options: MessageOptions,
  signal = run.signal,
): Promise<void> {
  const { timeout } = options
  const send = lineSocket.send!
  for await (const message of messagesIn(run, format, options, signal)) {
    try {
      await send(message, { timeout, signal })
    } catch (error) {
      if (signal.aborted) run.complain(new ExitError(EXIT.failed, 'the last line that was read is not sent'))
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
  run: CommandRun,
  lineSocket: LineSocket,
  format: Format,
  options: MessageOptions,
): Promise<void> {
  const { count = Infinity, timeout, echo } = options
  const { signal } = run
  let received = 0
  while (received < count && !signal.aborted) {
    try {
      const batch = await lineSocket.receive!(Math.min(BATCH, count - received), { timeout, signal })
      received += batch.length
      await printAll(run, format, batch)
      if (echo) for (const message of batch) await giveBack(run, lineSocket, message, timeout)
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
async function printAll(run: CommandRun, { write }: Format, batch: readonly LineMessage[]): Promise<void> {
  let pieces: (Buffer | string)[] = []
  let size = 0
  for (const message of batch) {
    try {
      const piece = write(message)
      pieces.push(piece)
      size += piece.length
    } catch (error) {
      if (!(error instanceof InvalidMessageError)) throw error
      run.skip(error, 'received: ')
    }
    if (size < TOGETHER) continue
    await print(together(pieces), run.signal)
    pieces = []
    size = 0
  }
  if (pieces.length > 0) await print(together(pieces), run.signal)
}

/** A peer that has left meanwhile, or whose value cannot be encoded again, is no reason to end. */
async function giveBack(
  run: CommandRun,
  lineSocket: LineSocket,
  message: LineMessage,
  timeout: number | undefined,
): Promise<void> {
  try {
    await lineSocket.send!(message, { timeout, signal: run.signal })
  } catch (error) {
    if (!(error instanceof UnroutableError || error instanceof InvalidMessageError)) throw error
    run.skip(error, 'not sent back: ')
  }
}

export function together(pieces: readonly (Buffer | string)[]): Buffer | string {
  if (pieces.every(piece => typeof piece === 'string')) return pieces.join('')
  return Buffer.concat(pieces.map(piece => Buffer.from(piece as string)))
}
