/** Sends hostile mDNS datagrams from port 5353, and ends. */
import { createSocket } from 'node:dgram'
import { setImmediate } from 'node:timers/promises'
import { SERVICE_TYPE } from '../../../src/discovery/mdns/announced.ts'
import { type DnsRecord, MAX_MESSAGE } from '../../../src/discovery/mdns/packet.ts'
import { readMessage } from '../../../src/discovery/mdns/packet-reader.ts'
import { writeMessage } from '../../../src/discovery/mdns/packet-writer.ts'

const GROUP = '224.0.0.251'
const socket = createSocket({ type: 'udp4', reuseAddr: true })
await new Promise<void>(resolve => socket.bind(5353, resolve))
socket.addMembership(GROUP)

const send = (bytes: Buffer) => new Promise<void>(resolve => socket.send(bytes, 5353, GROUP, () => resolve()))
const respond = (records: readonly DnsRecord[]) =>
  send(writeMessage({ response: true, questions: [], records }))

function fake(n: number): DnsRecord[] {
  const [fullName, target] = [`fake ${n}.${SERVICE_TYPE}`, `fake-${n}.local`]
  return [
    { name: SERVICE_TYPE, type: 'PTR', ttl: 4500, data: fullName },
    { name: fullName, type: 'SRV', ttl: 4500, data: { priority: 0, weight: 0, port: 1 + n, target } },
    {
      name: fullName,
      type: 'TXT',
      ttl: 4500,
      data: [Buffer.from('name=jobs'), Buffer.alloc(255, 'x'), Buffer.alloc(255, 'y')],
    },
    { name: target, type: 'A', ttl: 4500, data: '10.77.0.250' },
  ]
}

/** Valid messages cut and bent, chains of pointers, endless counts, bytes of no meaning. */
function* garbage(): Generator<Buffer> {
  const good = writeMessage({ response: true, questions: [], records: fake(0) })
  for (let end = 0; end < good.length; end++) yield good.subarray(0, end)
  for (let at = 0; at < good.length; at++) {
    for (const byte of [0, 0x3f, 0x80, 0xc0, 0xff]) {
      const bent = Buffer.from(good)
      bent[at] = byte
      yield bent
    }
  }
  const endless = Buffer.alloc(MAX_MESSAGE, 0xff)
  yield endless
  const loop = Buffer.alloc(MAX_MESSAGE)
  loop.writeUInt32BE(0x84000000, 0)
  loop.writeUInt16BE(0xffff, 6)
  for (let at = 12; at + 2 <= loop.length; at += 2) loop.writeUInt16BE(0xc00c, at)
  yield loop
  yield Buffer.alloc(60_000, 1)
  yield Buffer.alloc(0)
}

const [kind] = process.argv.slice(2)
if (kind === 'fakes') {
  for (let n = 0; n < 10_000; n++) {
    await respond(fake(n))
    if (n % 50 === 0) await setImmediate()
  }
} else if (kind === 'garbage') {
  for (const bytes of garbage()) await send(bytes)
} else {
  // Says goodbye for every instance that somebody answers with.
  socket.on('message', bytes => {
    const { records, response } = readMessage(bytes)
    if (!response) return
    const gone = records.map(record => ({ ...record, ttl: 0 }))
    if (records.some(record => record.ttl > 0)) void respond(gone).then(() => socket.close())
  })
  await send(writeMessage({ response: false, questions: [{ name: SERVICE_TYPE, type: 'PTR' }], records: [] }))
}
if (kind !== 'goodbyes') socket.close()
