/** The error for a message that may not be sent: it is too long, or has too few or too many parts. */
import { InvalidMessageError, MessageSizeError } from '../errors.ts'
import type { SocketOptions } from '../options.ts'

type Limits = Pick<SocketOptions, 'maxMessageSize' | 'maxParts'>

export function misfit(bytes: number, parts: number, leastParts: number, limits: Limits): Error {
  const { maxMessageSize, maxParts } = limits
  if (bytes > maxMessageSize)
    return new MessageSizeError(`a message of ${bytes} bytes; maxMessageSize is ${maxMessageSize}`)
  return parts > maxParts
    ? new MessageSizeError(`a message of ${parts} parts; maxParts is ${maxParts}`)
    : new InvalidMessageError(`a message of ${parts} parts; at least ${leastParts} are needed`)
}
