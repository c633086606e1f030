/** Option values as people type them. */
import { InvalidArgumentError } from 'commander'

const FOREVER_MS = 2 ** 31 - 1

/** Seconds, or milliseconds with `ms`: '0.5', '2s', '500ms'. Answers milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s)?$/.exec(text)
  const length = match === null ? Number.NaN : Number(match[1]) * (match[2] === 'ms' ? 1 : 1000)
  if (length <= FOREVER_MS) return length
  throw new InvalidArgumentError('It must be seconds such as 0.5, or milliseconds such as 500ms.')
}

/** A whole number of at least `least`. */
export function whole(least: number): (text: string) => number {
  return text => {
    const number = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`)
  }
}

/** For options that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
