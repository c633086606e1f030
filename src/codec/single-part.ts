/** For codecs whose values are one part. */
import { InvalidMessageError } from '../errors.ts'
import { isSingle, type Message } from '../message.ts'

/** The only part of a message, as a Buffer. Throws `InvalidMessageError` when there are more. */
export function singlePart(message: Message, codec: string): Buffer {
  if (!isSingle(message)) {
    throw new InvalidMessageError(`codec ${codec} decodes one part, not ${message.length}`)
  }
  return Buffer.isBuffer(message)
    ? message
    : Buffer.from(message.buffer, message.byteOffset, message.byteLength)
}
