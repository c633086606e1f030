/** Peers that are slow, or stop for a while: they are neither cut nor robbed, and they hold up nobody else. */
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as zmq from 'zeromq'
import { raw } from '../../src/codec/raw.ts'
import type { Message } from '../../src/message.ts'
import { Publisher, Subscriber } from '../../src/sockets/pub-sub.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import type { Socket } from '../../src/sockets/socket.ts'
import { encodeFrame, FLAG_MORE } from '../../src/wire/frame.ts'
import { Child } from '../support/child.ts'
import { silences } from '../support/clock.ts'
import { command, introduction, RawPeer } from '../support/raw-peer.ts'

const FOREIGN = new URL('./children/foreign.ts', import.meta.url)

const beats = { heartbeatInterval: 20, heartbeatTimeout: 300 }
const BEATS = [String(beats.heartbeatInterval), String(beats.heartbeatTimeout)]

/** Sends numbers until the queue and the connection are full; answers how many. */
async function fill(push: Push<Message>, size: number): Promise<number> {
  let count = 0
  const numbered = () => [Buffer.from(String(count)), Buffer.alloc(size)]
  while (
    await push.send(numbered(), { timeout: 100 }).then(
      () => true,
      () => false,
    )
  )
    count++
  return count
}

async function expectNumbers(pull: Pull<Message>, count: number): Promise<void> {
  for (let expected = 0; expected < count; expected++) {
    expect(String(((await pull.receive({ timeout: 10_000 })) as Buffer[])[0])).toBe(String(expected))
  }
}

/** Fails the test when a peer goes. */
function disconnections(...sockets: Socket[]): unknown[] {
  const seen: unknown[] = []
  for (const socket of sockets) socket.events.on('disconnect', event => seen.push(event))
  return seen
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a consumer that stops reading for several heartbeat time-outs', () => {
  it('is neither cut nor robbed by our own kind', async () => {
    await using pull = new Pull<Message>({ codec: raw, ...beats, receiveHighWaterMark: 10, linger: 0 })
    await using push = new Push<Message>({ codec: raw, ...beats, sendHighWaterMark: 10, linger: 0 })
    push.connect(await pull.bind('tcp://127.0.0.1:0'))
    await push.connected()
    const seen = disconnections(pull, push)
    const count = await fill(push, 100_000)
    await silences(beats, 3)
    expect(seen).toEqual([])
    await expectNumbers(pull, count)
    expect(seen).toEqual([])
  })

  it('is neither cut nor robbed when everything sent fits into the buffers of the system', async () => {
    await using pull = new Pull<Message>({ codec: raw, ...beats, receiveHighWaterMark: 1, linger: 0 })
    await using push = new Push<Message>({ codec: raw, ...beats, linger: 0 })
    push.connect(await pull.bind('tcp://127.0.0.1:0'))
    await push.connected()
    const seen = disconnections(pull, push)
    const count = 500
    for (let at = 0; at < count; at++) await push.send([Buffer.from(String(at)), Buffer.alloc(1000)])
    await silences(beats, 3)
    expect(seen).toEqual([])
    await expectNumbers(pull, count)
  })

  it('that is libzmq is neither cut nor robbed by us, with a full connection', async () => {
    await using push = new Push<Message>({ codec: raw, ...beats, sendHighWaterMark: 10, linger: 0 })
    const endpoint = await push.bind('tcp://127.0.0.1:0')
    await using child = new Child(FOREIGN, 'pull', endpoint)
    await push.connected()
    const seen = disconnections(push)
    const count = await fill(push, 100_000)
    await silences(beats, 3)
    expect(seen).toEqual([])
    child.say(String(count))
    expect(await child.line()).toBe(`${count} in order`)
    await child.ended()
  })

  it('that is libzmq is neither cut nor robbed by us, when all fits into the buffers of the system', async () => {
    await using push = new Push<Message>({ codec: raw, ...beats, linger: 0 })
    const endpoint = await push.bind('tcp://127.0.0.1:0')
    await using child = new Child(FOREIGN, 'pull', endpoint)
    await push.connected()
    const seen = disconnections(push)
    const count = 500
    for (let at = 0; at < count; at++) await push.send([Buffer.from(String(at)), Buffer.alloc(1000)])
    await silences(beats, 3)
    expect(seen).toEqual([])
    child.say(String(count))
    expect(await child.line()).toBe(`${count} in order`)
    await child.ended()
  })

  it('that is libzmq is given up after `stallTimeout` where one is set, and let in again when it reads', async () => {
    await using push = new Push<Message>({
      codec: raw,
      ...beats,
      stallTimeout: 300,
      sendHighWaterMark: 10,
      linger: 0,
    })
    const endpoint = await push.bind('tcp://127.0.0.1:0')
    await using child = new Child(FOREIGN, 'pull', endpoint)
    await push.connected()
    const gone = once(push.events, 'disconnect')
    const back = once(push.events, 'handshake')
    const count = await fill(push, 100_000)
    const [{ error, possiblyLost }] = await gone
    expect(error.message).toBe('nothing heard for 300 ms, with messages in flight (stallTimeout)')
    expect(possiblyLost).toBeGreaterThan(0)
    // libzmq sees the end only when it reads.
    child.say(String(count))
    await back
  })

  it('that is ours is neither cut nor robbed by libzmq', async () => {
    await using pull = new Pull<Message>({ codec: raw, ...beats, receiveHighWaterMark: 10, linger: 0 })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    const count = 300
    await using child = new Child(FOREIGN, 'push', endpoint, ...BEATS, String(count))
    await pull.connected()
    const seen = disconnections(pull)
    // By now we know that it has heartbeats.
    await silences(beats, 1)
    child.say('go')
    await silences(beats, 3)
    expect(seen).toEqual([])
    await expectNumbers(pull, count)
    // Only now: it would not wait until its last words have been read.
    child.say('leave')
    await child.ended()
  })

  it('still gets all of a foreign sender that has left meanwhile', async () => {
    // Several beats pass while it does not read, none while it does.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const rare = { heartbeatInterval: 250, heartbeatTimeout: 60_000 }
    await using pull = new Pull<Message>({ codec: raw, ...rare, receiveHighWaterMark: 1, linger: 0 })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    await using peer = await RawPeer.connect(endpoint)
    const count = 500
    const parts = (at: number) => [
      encodeFrame(FLAG_MORE, Buffer.from(String(at))),
      encodeFrame(0, Buffer.alloc(1000)),
    ]
    peer.say(introduction('PUSH'), ...Array.from({ length: count }, (_, at) => parts(at)).flat())
    await pull.connected()
    // What it had not read when it left would destroy what it has sent.
    await peer.hears('READY')
    peer.socket.end()
    await once(peer.socket, 'finish')
    peer.socket.destroy()
    // While it takes others in, it reads until it is full.
    for (let newcomer = 0; newcomer < 3; newcomer++) {
      await using other = await RawPeer.connect(endpoint)
      other.say(introduction('PUSH'))
      await other.hears('READY')
    }
    vi.advanceTimersByTime(3 * rare.heartbeatInterval)
    await expectNumbers(pull, count)
  })
})

describe('a slow peer beside fast ones', () => {
  it('holds up no other subscriber', async () => {
    await using pub = new Publisher({ codec: raw, sendHighWaterMark: 5, linger: 0 })
    const endpoint = await pub.bind('tcp://127.0.0.1:0')
    await using slow = new Subscriber({ codec: raw, receiveHighWaterMark: 1, linger: 0 })
    await using fast = new Subscriber({ codec: raw, linger: 0 })
    for (const sub of [slow, fast]) {
      sub.subscribe()
      sub.connect(endpoint)
    }
    await pub.waitForSubscribers(2)
    // More than the buffers of the system hold.
    const large = Buffer.alloc(1_000_000)
    for (let count = 0; count < 100; count++) {
      await pub.send(`topic ${count}`, large)
      expect((await fast.receive()).topic).toBe(`topic ${count}`)
    }
    expect(pub.stats().dropped['high-water-mark']).toBeGreaterThan(0)
    expect((await slow.receive()).topic).toBe('topic 0')
  })

  it('holds up a publisher that waits for all until `stallTimeout` is over', async () => {
    await using pub = new Publisher({
      codec: raw,
      ...beats,
      stallTimeout: 300,
      onFull: 'wait',
      sendHighWaterMark: 5,
      linger: 0,
    })
    const endpoint = await pub.bind('tcp://127.0.0.1:0')
    await using silent = await RawPeer.connect(endpoint)
    silent.say(introduction('SUB'), command('SUBSCRIBE'))
    await pub.waitForSubscribers(1)
    silent.socket.pause()
    await using fast = new Subscriber({ codec: raw, linger: 0 })
    fast.subscribe()
    fast.connect(endpoint)
    await pub.waitForSubscribers(2)
    const large = Buffer.alloc(1_000_000)
    for (let count = 0; count < 30; count++) {
      await pub.send(`topic ${count}`, large)
      expect((await fast.receive()).topic).toBe(`topic ${count}`)
    }
    expect(pub.peers.length).toBe(1)
  })

  it.each(['round-robin', 'least-queued'] as const)(
    'of libzmq holds up no send that is dealt %s',
    async dispatch => {
      await using push = new Push<Message>({
        codec: raw,
        ...beats,
        dispatch,
        sendHighWaterMark: 100,
        linger: 0,
      })
      const endpoint = await push.bind('tcp://127.0.0.1:0')
      const silent = new zmq.Pull({ receiveHighWaterMark: 10, linger: 0 })
      const reading = new zmq.Pull({ linger: 0 })
      try {
        for (const pull of [silent, reading]) pull.connect(endpoint)
        await push.connected(2)
        const reads = (async () => {
          for await (const _ of reading);
        })()
        // Many times what the system and both queues hold for the peer that reads nothing.
        for (let sent = 0; sent < 5000; sent++) await push.send(Buffer.alloc(10_000))
        // Dealt least-queued, the silent one may get too few to fill up.
        if (dispatch === 'round-robin') expect(push.stats().peers.map(({ state }) => state)).toContain('full')
        expect(push.peers.length).toBe(2)
        reading.close()
        await reads
      } finally {
        silent.close()
        reading.close()
      }
    },
  )

  it('50,000 messages go through one blocked and one live peer', async () => {
    await using push = new Push<Message>({ codec: raw, sendHighWaterMark: 100, linger: 0 })
    const endpoint = await push.bind('tcp://127.0.0.1:0')
    await using blocked = new Pull<Message>({ codec: raw, receiveHighWaterMark: 1, linger: 0 })
    await using live = new Pull<Message>({ codec: raw, linger: 0 })
    blocked.connect(endpoint)
    await push.connected(1)
    await fill(push, 100_000)
    live.connect(endpoint)
    await push.connected(2)
    const count = 50_000
    const sending = (async () => {
      for (let at = 0; at < count; at++) await push.send(Buffer.from(String(at)))
    })()
    for (let expected = 0; expected < count; expected++)
      expect(String(await live.receive())).toBe(String(expected))
    await sending
  })
})
