/** Peers that say they trace, and what they may do with it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import type { Message } from '../../src/message.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { encodeFrame, FLAG_COMMAND } from '../../src/wire/frame.ts'
import { encodeClock, encodeTrace } from '../../src/wire/trace-command.ts'
import { command, greeting, introduction, RawPeer, ready } from '../support/raw-peer.ts'

const traces = Buffer.concat([greeting, ready('PUSH', { 'X-TypedMQ-Trace': 'another clock...' })])
const frame = (body: Uint8Array) => encodeFrame(FLAG_COMMAND, body)
const message = (text: string) => encodeFrame(0, Buffer.from(text))
const trace = (produced: number, queued: number) =>
  frame(encodeTrace({ source: 1, count: 2, produced, queued }))

/** So many characters behind the first place where `mark` stands. */
function after(heard: string, mark: string, length: number): string {
  const at = heard.indexOf(mark)
  expect(at).toBeGreaterThan(0)
  return heard.slice(at + mark.length, at + mark.length + length)
}

let pull: Pull<Message>
let endpoint: string

beforeEach(async () => {
  pull = new Pull<Message>({ codec: raw, trace: true })
  endpoint = await pull.bind('tcp://127.0.0.1:0')
})

afterEach(() => pull.close())

/** The first PING that a peer hears, as it was said. */
async function pingOf(peer: RawPeer, found: string): Promise<Buffer> {
  let heard = found
  for (;;) {
    const at = heard.indexOf('\x04PING')
    if (at >= 0 && heard.length >= at + 23) return Buffer.from(heard.slice(at + 7, at + 23), 'latin1')
    heard += await new Promise<string>(resolve => peer.socket.once('data', text => resolve(String(text))))
  }
}

describe('A peer that traces', () => {
  test.each<[string, Uint8Array[], RegExp]>([
    ['a TRACE that is cut', [command('TRACE', Buffer.alloc(23))], /a TRACE of 23 bytes/],
    ['a TRACE that is too long', [command('TRACE', Buffer.alloc(1000))], /a TRACE of 1000 bytes/],
    ['a TRACE without times', [trace(Number.NaN, 1)], /a TRACE of the times NaN and 1/],
    ['a TRACE of no end', [trace(-Infinity, Infinity)], /a TRACE of the times/],
    ['a TRACE of a message queued before it was made', [trace(2, 1)], /a TRACE of the times 2 and 1/],
    ['one TRACE behind another', [trace(1, 2), trace(1, 2)], /a TRACE behind another/],
    ['a CLOCK that tells no time', [command('CLOCK', Buffer.alloc(7))], /a CLOCK of 7 bytes/],
    ['a CLOCK-ID that is cut', [command('CLOCK-ID', Buffer.alloc(31))], /a CLOCK-ID of 31 bytes/],
    ['a CLOCK of no number', [frame(encodeClock(Number.NaN))], /a CLOCK of the time NaN/],
    [
      'a CLOCK of no host',
      [frame(encodeClock(Number.MAX_VALUE))],
      /a CLOCK of the time 1.79.*; times are from 0/,
    ],
    [
      'a TRACE of no host',
      [trace(0, 1e308)],
      /a TRACE of the times 0 and 1e\+308; times are in order, from 0/,
    ],
  ])('is sent away for %s', async (_, said, reason) => {
    const gone = new Promise<Error | undefined>(resolve =>
      pull.events.once('disconnect', ({ error }) => resolve(error)),
    )
    await using peer = await RawPeer.connect(endpoint)
    peer.say(traces, ...said)
    await peer.over()
    expect((await gone)?.message).toMatch(reason)
    // The next one is served.
    await using push = new Push<Message>({ codec: raw, trace: true }).connect(endpoint)
    await push.send(Buffer.from('honest'))
    expect(String(await pull.receive())).toBe('honest')
  })

  test('has its times taken for nothing while its clock is unknown', async () => {
    await using peer = await RawPeer.connect(endpoint)
    peer.say(traces, trace(1, 4), message('hello'))
    expect(String(await pull.receive())).toBe('hello')
    expect(pull.stats().trace).toMatchObject({
      messages: 1,
      produce: { max: 3 },
      queue: undefined,
      clock: 'unknown',
    })
  })

  test('says what time it is behind its PONG, and is believed as far as half the round trip', async () => {
    await using peer = await RawPeer.connect(endpoint)
    const heard = new Promise<string>(resolve => peer.socket.once('data', text => resolve(String(text))))
    peer.say(traces)
    const context = await pingOf(peer, await heard)
    const ahead = 1e9
    const there = Number(process.hrtime.bigint()) / 1e6 + ahead
    peer.say(
      frame(encodeClock(5)), // Nobody asked.
      command('PONG', context),
      frame(encodeClock(there)),
      frame(encodeClock(5)),
      trace(there - 2, there),
      message('hello'),
    )
    expect(String(await pull.receive())).toBe('hello')
    const { clock, queue } = pull.peers[0]!.trace!
    if (clock === undefined || clock === 'unknown') throw new Error(`the clock is ${clock}`)
    expect(Math.abs(clock.offset - ahead)).toBeLessThanOrEqual(clock.uncertainty)
    expect(queue!.max).toBeGreaterThanOrEqual(0)
  })

  test('is answered with a CLOCK, and flooding us with PINGs fills nothing', async () => {
    await using peer = await RawPeer.connect(endpoint)
    peer.say(traces, ...Array.from({ length: 5000 }, () => command('PING', Buffer.from([0, 0, 1]))))
    await peer.hears('\x05CLOCK')
    peer.say(message('after the flood'))
    expect(String(await pull.receive())).toBe('after the flood')
  })

  test('is told nothing by which it could know this host again, nor anything before it is let in', async () => {
    const seen = new Set<string>()
    for (let socket = 0; socket < 3; socket++) {
      await using traced = new Pull<Message>({ codec: raw, trace: true })
      await using peer = await RawPeer.connect(await traced.bind('tcp://127.0.0.1:0'))
      let heard = ''
      peer.socket.on('data', text => {
        heard += text
      })
      peer.say(greeting)
      await peer.hears('NULL')
      expect(heard).not.toMatch(/X-TypedMQ-Trace|CLOCK-ID/)
      peer.say(ready('PUSH', { 'X-TypedMQ-Trace': 'always the same.' }))
      await peer.hears('\x04PING')
      seen.add(after(heard, 'X-TypedMQ-Trace\0\0\0\x10', 16))
      seen.add(after(heard, '\x08CLOCK-ID', 32))
    }
    expect(seen.size).toBe(6)
  })

  test('may announce as many messages as it sends', async () => {
    await using peer = await RawPeer.connect(endpoint)
    const pieces = Array.from({ length: 1000 }, (_, index) => [trace(1, 2), message(`${index}`)]).flat()
    peer.say(traces, ...pieces)
    for (let index = 0; index < 1000; index++) expect(String(await pull.receive())).toBe(`${index}`)
    expect(pull.stats().trace!.messages).toBe(1000)
  })
})

describe('A peer that has not said that it traces', () => {
  test('says unknown commands when it says TRACE and CLOCK: they are ignored', async () => {
    await using peer = await RawPeer.connect(endpoint)
    peer.say(introduction('PUSH'), trace(2, 1), command('TRACE', Buffer.alloc(3)), trace(1, 2))
    peer.say(command('CLOCK', Buffer.from('?')), message('hello'))
    expect(String(await pull.receive())).toBe('hello')
    expect(pull.stats().trace!.messages).toBe(0)
    expect(pull.peers[0]!.trace).toBeUndefined()
  })

  test('gets neither', async () => {
    await using push = new Push<Message>({ codec: raw, trace: true })
    await using peer = await RawPeer.connect(await push.bind('tcp://127.0.0.1:0'))
    let heard = ''
    peer.socket.on('data', text => {
      heard += text
    })
    peer.say(introduction('PULL'), command('PING', Buffer.from([0, 0, 1])))
    await push.send(Buffer.from('first'))
    await push.send([Buffer.from('second'), Buffer.from('last')])
    await peer.hears('last')
    await peer.hears('\x04PONG')
    for (const name of ['TRACE', 'CLOCK', 'CLOCK-ID'])
      expect(heard).not.toContain(`${String.fromCharCode(name.length)}${name}`)
  })
})
