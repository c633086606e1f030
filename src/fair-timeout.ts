/**
 * A time-out that is fair to a peer: `late` is called only after all that had come in time has been read, for timers come
 * before what the system has to tell, and our own event loop may have been held up.
 */
export function fairTimeout(late: () => void, milliseconds: number): NodeJS.Timeout {
  return setTimeout(setImmediate, milliseconds, late)
}
