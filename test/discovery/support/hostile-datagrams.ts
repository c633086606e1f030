/** mDNS datagrams of 9,000 bytes and less that keep dns-packet busy for as long as possible. */

const SIZE = 9_000

/** The fields after a record's name: type, class IN, time to live, length. */
function head(bytes: Buffer, at: number, type: number, length: number): number {
  for (const value of [type, 1, 0, 25, length]) at = bytes.writeUInt16BE(value, at)
  return at
}

function response(answers: number): Buffer {
  const bytes = Buffer.alloc(SIZE)
  bytes.writeUInt16BE(0x8400, 2)
  bytes.writeUInt16BE(answers, 6)
  return bytes
}

/** One record holds a chain of compression pointers, all the others have names that are its end. */
export function chainOfPointers(): Buffer {
  const [records, links] = [250, 2_700]
  const bytes = response(records + 1)
  let at = head(bytes, 13, 65_280, 1 + links * 2)
  let last = at++
  for (let link = 0; link < links; link++) {
    const here = at
    at = bytes.writeUInt16BE(0xc000 | last, at)
    last = here
  }
  // RP has three names: its own and two more.
  for (let record = 0; record < records && at + 16 <= SIZE; record++) {
    at = head(bytes, bytes.writeUInt16BE(0xc000 | last, at), 17, 4)
    at = bytes.writeUInt32BE((0xc0000000 | (last << 16) | 0xc000 | last) >>> 0, at)
  }
  return bytes
}

/**
 * A TXT record that runs beyond the end makes dns-packet lose its place and begin anew at the header for each of the entries
 * that are left; read from there it finds an NSEC record that lists 70,000 types.
 */
export function lostPlace(): Buffer {
  const bytes = Buffer.alloc(SIZE, 0xff)
  bytes.fill(0, 0, 12)
  bytes.writeUInt16BE(0x8400, 2)
  bytes.writeUInt16BE(256, 6)
  // Seen from the header: a name of one label of 40 bytes.
  bytes[0] = 40
  bytes[12] = 0
  for (let at = head(bytes, 13, 16, 0xffff); at < SIZE; at += bytes[at]! + 1) {
    bytes[at] = Math.min(255, SIZE - at - 1)
  }
  const windows = 34
  bytes[41] = 0
  let at = head(bytes, 42, 47, 1 + windows * 257)
  bytes[at++] = 0
  for (let window = 0; window < windows; window++, at += 257) bytes.set([window, 255], at)
  return bytes
}

/** The header promises 262,140 entries. */
export function endlessCounts(): Buffer {
  return Buffer.alloc(SIZE).fill(0xff, 4, 12)
}

/** Names that point at themselves. */
export function circle(): Buffer {
  const bytes = response(1_000)
  for (let at = 12; at < SIZE; at += 2) bytes.writeUInt16BE(0xc00c, at)
  return bytes
}
