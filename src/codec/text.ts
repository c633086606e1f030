/** Plain text: one part of UTF-8. */
import { InvalidMessageError } from '../errors.ts'
import type { Codec } from './codec.ts'
import { singlePart } from './single-part.ts'
import { decodeUtf8 } from './utf8.ts'

/** Strings as UTF-8. Lone surrogates and bytes that are not UTF-8 are refused, never replaced. */
export const text: Codec<string> = {
  name: 'text',
  encode(value) {
    if (typeof value !== 'string') throw new InvalidMessageError(`text is a string, not ${typeof value}`)
    if (/\p{Surrogate}/u.test(value)) throw new InvalidMessageError('the string has a lone surrogate')
    return Buffer.from(value)
  },
  decode(message) {
    return decodeUtf8(singlePart(message, 'text'), 'the message')
  },
}
