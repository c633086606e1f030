/** Z85 (RFC 32): four bytes as five printable characters. Keys are written so. */
import { OptionError } from '../../errors.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'
const DIGITS = new Map([...ALPHABET].map((character, digit) => [character, digit]))

/** Five characters for every four bytes. Throws `OptionError` when the length is no multiple of four. */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) {
    throw new OptionError('z85', `Z85 takes a multiple of 4 bytes, not ${bytes.length}`)
  }
  let text = ''
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let offset = 0; offset < source.length; offset += 4) {
    let value = source.readUInt32BE(offset)
    let group = ''
    for (let digit = 0; digit < 5; digit++) {
      group = ALPHABET[value % 85] + group
      value = Math.floor(value / 85)
    }
    text += group
  }
  return text
}

/** Throws `OptionError` for what is not Z85. The message never quotes the text, for it may be a secret key. */
export function decodeZ85(text: string): Buffer {
  if (text.length % 5 !== 0) {
    throw new OptionError('z85', `Z85 has a multiple of 5 characters, not ${text.length}`)
  }
  const bytes = Buffer.alloc((text.length / 5) * 4)
  for (let group = 0; group * 5 < text.length; group++) {
    let value = 0
    for (let at = group * 5; at < group * 5 + 5; at++) {
      const digit = DIGITS.get(text[at]!)
      if (digit === undefined) throw new OptionError('z85', `character ${at + 1} is not one of Z85's 85`)
      value = value * 85 + digit
    }
    if (value > 0xffffffff) {
      throw new OptionError('z85', `characters ${group * 5 + 1} to ${group * 5 + 5} are over four bytes`)
    }
    bytes.writeUInt32BE(value, group * 4)
  }
  return bytes
}
