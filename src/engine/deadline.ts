/** A signal and a time-out around a waiting operation. */
import { OptionError, TimeoutError } from '../errors.ts'
import type { Waiting } from '../queue/waiting-list.ts'
import type { OperationOptions } from './engine.ts'

/**
 * Answers the operation's promise, which rejects with `signal.reason` or, after `timeout`, with a `TimeoutError` that says
 * what was waited for. Whoever calls has looked at `signal.aborted` before it began to wait.
 */
export function withDeadline<Item, Result>(
  waiting: Waiting<Item, Result>,
  options: OperationOptions | undefined,
  waitedFor: string,
): Promise<Result> {
  const { promise } = waiting
  const signal = options?.signal
  const timeout = options?.timeout ?? Infinity
  if (signal === undefined && timeout === Infinity) return promise
  const aborted = () => waiting.cancel(signal!.reason)
  signal?.addEventListener('abort', aborted)
  const timer =
    timeout === Infinity
      ? undefined
      : setTimeout(() => waiting.cancel(new TimeoutError(`${waitedFor}: not within ${timeout} ms`)), timeout)
  const over = () => {
    signal?.removeEventListener('abort', aborted)
    clearTimeout(timer)
  }
  promise.then(over, over)
  return promise
}

/** What is wrong with the options of a call before it begins: an aborted signal, or a time-out that is none. Undefined: nothing. */
export function objection(options: OperationOptions | undefined): { readonly reason: unknown } | undefined {
  if (options === undefined) return undefined
  if (options.signal?.aborted) return { reason: options.signal.reason }
  const { timeout } = options
  if (timeout === undefined || timeout === Infinity || (timeout >= 0 && timeout <= 2 ** 31 - 1))
    return undefined
  return {
    reason: new OptionError(
      'timeout',
      `timeout is ${timeout}; it must be milliseconds from 0 to 2147483647, or Infinity`,
    ),
  }
}
