/** Sends hostile mDNS datagrams from port 5353, and ends. */
import { createSocket } from 'node:dgram'
import { setImmediate } from 'node:timers/promises'
import { type Answer, decode, encode } from 'dns-packet'
import { SERVICE_TYPE } from '../../../src/discovery/mdns/announced.ts'
import type { DnsRecord } from '../../../src/discovery/mdns/packet.ts'
import { chainOfPointers, circle, endlessCounts, lostPlace } from './hostile-datagrams.ts'

const GROUP = '224.0.0.251'
const socket = createSocket({ type: 'udp4', reuseAddr: true })
await new Promise<void>(resolve => socket.bind(5353, resolve))
socket.addMembership(GROUP)

const send = (bytes: Buffer) => new Promise<void>(resolve => socket.send(bytes, 5353, GROUP, () => resolve()))
const respond = (answers: Answer[]) => send(encode({ type: 'response', answers }))

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

/** Valid messages cut and bent, those that take longest to read, bytes of no meaning. */
function* garbage(): Generator<Buffer> {
  const good = encode({ type: 'response', answers: fake(0) })
  for (let end = 0; end < good.length; end++) yield good.subarray(0, end)
  for (let at = 0; at < good.length; at++) {
    for (const byte of [0, 0x3f, 0x80, 0xc0, 0xff]) {
      const bent = Buffer.from(good)
      bent[at] = byte
      yield bent
    }
  }
  for (let n = 0; n < 100; n++) {
    yield chainOfPointers()
    yield lostPlace()
  }
  yield circle()
  yield endlessCounts()
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
    const { answers = [], type } = decode(bytes)
    if (type !== 'response') return
    const gone = answers.map(answer => ({ ...answer, ttl: 0 }))
    if (answers.some(answer => 'ttl' in answer && answer.ttl! > 0))
      void respond(gone).then(() => socket.close())
  })
  await send(encode({ type: 'query', questions: [{ name: SERVICE_TYPE, type: 'PTR' }] }))
}
if (kind !== 'goodbyes') socket.close()
