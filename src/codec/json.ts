/** JSON in one part of UTF-8. */
import { InvalidMessageError } from '../errors.ts'
import type { Codec } from './codec.ts'
import { singlePart } from './single-part.ts'
import { decodeUtf8 } from './utf8.ts'

/** JSON, for peers that speak nothing else. What `JSON.stringify` leaves out or changes, it leaves out or changes. */
export const json: Codec<unknown> = {
  name: 'json',
  encode(value) {
    const text = JSON.stringify(value)
    if (text === undefined) throw new InvalidMessageError(`JSON has no ${typeof value}`)
    return Buffer.from(text)
  },
  decode(message) {
    return JSON.parse(decodeUtf8(singlePart(message, 'json'), 'the message'))
  },
}
