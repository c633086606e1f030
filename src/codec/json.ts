/** JSON in one part of UTF-8. */
import { InvalidMessageError } from '../errors.ts'
import type { Codec } from './codec.ts'
import { checkJsonLimits } from './json-limits.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { singlePart } from './single-part.ts'
import { decodeUtf8 } from './utf8.ts'

/** JSON, for peers that speak nothing else. What `JSON.stringify` leaves out or changes, it leaves out or changes. */
export const json: Codec<unknown> = {
  name: 'json',
  encode(value, limits = DEFAULT_LIMITS) {
    const text = JSON.stringify(value)
    if (text === undefined) throw new InvalidMessageError(`JSON has no ${typeof value}`)
    const message = Buffer.from(text)
    checkJsonLimits(message, limits)
    return message
  },
  decode(message, limits = DEFAULT_LIMITS) {
    const bytes = singlePart(message, 'json')
    checkJsonLimits(bytes, limits)
    const text = decodeUtf8(bytes, 'the message')
    try {
      return JSON.parse(text)
    } catch {
      // The error of JSON.parse quotes the message.
      throw new InvalidMessageError('the message is not JSON')
    }
  },
}
