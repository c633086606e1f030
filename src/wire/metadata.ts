/** Connection metadata (RFC 37, "Connection Metadata"): name length, name, four bytes of value length, value, repeated. */
import { ProtocolError } from '../errors.ts'
import type { Frame } from '../message.ts'

/** A property takes about 290 bytes of memory, however short it is: 2,300 fit into the 16 KiB of a handshake, 640 KB of memory. libzmq sends three. */
const MOST_PROPERTIES = 100

/** The properties in order. Names are 1 to 255 bytes of ASCII. */
export function encodeMetadata(properties: Iterable<readonly [name: string, value: Frame]>): Frame {
  const pieces: Frame[] = []
  for (const [name, value] of properties) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    pieces.push(Buffer.from([name.length]), Buffer.from(name, 'latin1'), length, value)
  }
  return Buffer.concat(pieces)
}

/**
 * The properties by lower-case name, values copied. The caller bounds the size of `data`.
 * Throws `ProtocolError` for a name or value that does not fit, an illegal name, one that occurs twice, or more than 100 properties.
 */
export function decodeMetadata(data: Frame): Map<string, Frame> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  const properties = new Map<string, Frame>()
  let offset = 0
  while (offset < bytes.length) {
    const nameEnd = offset + 1 + bytes[offset]!
    if (nameEnd + 4 > bytes.length) throw new ProtocolError('the metadata end within a name')
    const name = bytes.toString('latin1', offset + 1, nameEnd).toLowerCase()
    if (!/^[a-z0-9\-_.+]+$/.test(name)) throw new ProtocolError('the metadata have an illegal name')
    if (properties.has(name)) throw new ProtocolError(`the metadata have ${name} twice`)
    if (properties.size === MOST_PROPERTIES)
      throw new ProtocolError(`the metadata have more than ${MOST_PROPERTIES} properties`)
    const valueEnd = nameEnd + 4 + bytes.readUInt32BE(nameEnd)
    if (valueEnd > bytes.length) throw new ProtocolError(`the metadata end within the value of ${name}`)
    properties.set(name, Buffer.from(bytes.subarray(nameEnd + 4, valueEnd)))
    offset = valueEnd
  }
  return properties
}
