/** A signal and a time-out around a waiting operation. */
import { TimeoutError } from '../../errors.ts'
import type { Waiting, WaitingList } from '../../queue/waiting-list.ts'
import type { OperationOptions } from '../engine.ts'

export type { OperationOptions }

/** The operation's promise; it is cancelled when the signal fires or the time is over. */
export function withDeadline<Item, Result>(
  list: WaitingList<Item, Result>,
  waiting: Waiting<Item, Result>,
  options: OperationOptions | undefined,
  what: string,
): Promise<Result> {
  const signal = options?.signal
  const timeout = options?.timeout
  if (signal === undefined && (timeout === undefined || timeout === Infinity)) return waiting.promise
  const abort = () => list.cancel(waiting, signal!.reason)
  if (signal?.aborted) {
    abort()
    return waiting.promise
  }
  signal?.addEventListener('abort', abort, { once: true })
  const timer =
    timeout === undefined || timeout === Infinity
      ? undefined
      : setTimeout(() => list.cancel(waiting, new TimeoutError(`${what} within ${timeout} ms`)), timeout)
  const settle = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  waiting.promise.then(settle, settle)
  return waiting.promise
}
