/** UTF-8 that is what it says: bytes that are not are refused, never replaced. */
import { isUtf8 } from 'node:buffer'
import { InvalidMessageError } from '../errors.ts'

/** The text of these bytes. Throws `InvalidMessageError` when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw new InvalidMessageError(`${what} is not UTF-8`)
  return Buffer.isBuffer(bytes)
    ? bytes.toString()
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}
