/** A peer that stops reading costs its sender no more than the marks say, and holds nobody else up. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { Publisher, Pull, Push, Router, raw, Subscriber } from '../../src/index.ts'
import { encodeCommand } from '../../src/wire/command.ts'
import { collectedBytes } from '../hostile/memory.ts'
import { foreignOpening } from '../unit/session/sides.ts'
import { commandBytes } from '../unit/wire/streams.ts'

const MIB = 1024 * 1024
const COUNT = 1_000_000
const SIZE = 100
const BOUND = 16 * MIB

/** A peer that says who it is and never reads. */
function stuck(endpoint: string, ...said: Buffer[]): Disposable {
  const socket = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  socket.write(Buffer.concat(said))
  return { [Symbol.dispose]: () => void socket.destroy() }
}

test('a million messages past a stuck subscriber reach the other one, and memory stays within the marks', async () => {
  await using publisher = new Publisher<any>({ codec: raw, onFull: 'drop-newest', sendHighWaterMark: 10_000 })
  await using subscriber = new Subscriber<any>({ codec: raw, receiveHighWaterMark: 10_000 })
  const endpoint = await publisher.bind('tcp://127.0.0.1:0')
  using _ = stuck(endpoint, foreignOpening('SUB'), commandBytes(encodeCommand('SUBSCRIBE')))
  subscriber.subscribe('')
  subscriber.connect(endpoint)
  await publisher.waitForSubscribers(2)
  const body = Buffer.alloc(SIZE)
  const before = collectedBytes()
  let received = 0
  const reading = (async () => {
    for await (const _ of subscriber) if (++received === COUNT) return
  })()
  for (let sent = 0; sent < COUNT; sent++) {
    // The other one's pace: it must get every message.
    while (sent - received > 5_000) await new Promise(resolve => setImmediate(resolve))
    await publisher.send('topic', body)
  }
  await reading
  expect(received).toBe(COUNT)
  const { dropped, peers } = publisher.stats()
  const queues = peers.map(peer => peer.traffic.queued!).sort((a, b) => a - b)
  expect(queues[1]).toBeLessThanOrEqual(10_000)
  // Everything but what its queue and the kernel hold was dropped for the stuck one, and counted.
  expect(dropped['high-water-mark']).toBeGreaterThan(COUNT / 2)
  expect(collectedBytes() - before).toBeLessThan(BOUND)
}, 120_000)

test('a stuck puller gets its mark, and the other one all the rest', async () => {
  await using push = new Push<any>({ codec: raw, linger: 0 })
  await using pull = new Pull<any>({ codec: raw })
  const endpoint = await push.bind('tcp://127.0.0.1:0')
  using _ = stuck(endpoint, foreignOpening('PULL'))
  pull.connect(endpoint)
  await push.connected(2)
  const count = 200_000
  const body = Buffer.alloc(SIZE)
  const before = collectedBytes()
  let received = 0
  const reading = (async () => {
    for await (const _ of pull) received++
  })()
  for (let sent = 0; sent < count; sent++) await push.send(body)
  // What the stuck one was given: its queue, and what the kernel took for it.
  const given = () => {
    const stuckPeer = push.peers.find(peer => peer.traffic.queued! > 0)
    return stuckPeer === undefined ? 0 : stuckPeer.traffic.sent! + stuckPeer.traffic.queued!
  }
  while (received + given() < count) await new Promise(resolve => setImmediate(resolve))
  expect(received).toBeGreaterThan(count / 2)
  expect(collectedBytes() - before).toBeLessThan(BOUND)
  await pull.close()
  await reading
}, 60_000)

test('a stuck dealer makes its router reject, and the others are served', async () => {
  await using router = new Router<any, any>({ codec: raw, linger: 0 })
  const endpoint = await router.bind('tcp://127.0.0.1:0')
  using _stuck = stuck(endpoint, foreignOpening('DEALER', { identity: Buffer.from('stuck') }))
  using _other = stuck(endpoint, foreignOpening('DEALER', { identity: Buffer.from('other') }))
  await router.connected(2)
  const before = collectedBytes()
  const body = Buffer.alloc(64 * 1024)
  let rejected = 0
  for (let sent = 0; sent < 5_000; sent++) await router.send('stuck', body).catch(() => rejected++)
  expect(rejected).toBeGreaterThan(0)
  await router.send('other', body)
  expect(router.peers.map(peer => peer.traffic.queued!)).toSatisfy(
    (queues: number[]) => Math.max(...queues) <= 1000,
  )
  expect(collectedBytes() - before).toBeLessThan(BOUND)
})
