/** The clock of the host, for times that other processes read: monotonic, so that setting the date moves nothing. */

/** `performance.now()` counts on the same clock as `process.hrtime`, which all processes of a host share, from another zero. */
const ZERO = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds on `process.hrtime`'s clock. */
export function hostTime(): number {
  return ZERO + performance.now()
}

/** The same for a time that `performance.now()` told. */
export function toHostTime(time: number): number {
  return ZERO + time
}
