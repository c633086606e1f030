/** When a session gives up a silent peer: what each kind of peer can be blamed for. Clocks that the test turns, no kernel. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SocketOptions } from '../../../src/options.ts'
import { BEATS_WHEN_PAUSED } from '../../../src/session/liveness.ts'
import { encodeCommand } from '../../../src/wire/command.ts'
import { encodeFrame, FLAG_COMMAND } from '../../../src/wire/frame.ts'
import { encodeMetadata } from '../../../src/wire/metadata.ts'
import { commandBytes, readAll } from '../wire/streams.ts'
import { Meeting } from './meeting.ts'
import { downLevelOpening, foreignOpening } from './sides.ts'

const beats = { heartbeatInterval: 100, heartbeatTimeout: 300 }
const bounded = { ...beats, stallTimeout: 1000 }

/** Long enough for any bound of this file, and short of the system's. */
const LONG = 100_000

function meet(opening: Buffer, options: Partial<SocketOptions>): Meeting {
  const meeting = new Meeting('PUSH', { options })
  meeting.hear(opening)
  meeting.connection.take()
  return meeting
}

const libzmq = (options: Partial<SocketOptions>) => meet(foreignOpening('PULL'), options)

const ours = (options: Partial<SocketOptions>) => {
  const metadata = encodeMetadata([
    ['Socket-Type', Buffer.from('PULL')],
    [BEATS_WHEN_PAUSED, Buffer.from('1')],
  ])
  const ready = encodeFrame(FLAG_COMMAND, encodeCommand('READY', metadata))
  return meet(Buffer.concat([foreignOpening('PULL').subarray(0, 64), ready]), options)
}

/** Answers what the session asks, for so long. */
async function answering(meeting: Meeting, time: number): Promise<void> {
  for (let elapsed = 0; elapsed < time; elapsed += 50) {
    await vi.advanceTimersByTimeAsync(50)
    for (const [kind, body] of readAll([meeting.connection.take()]))
      if (kind === 'command' && body!.startsWith('\x04PING'))
        meeting.hear(commandBytes(encodeCommand('PONG', Buffer.from(body!.slice(7), 'latin1'))))
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('A peer that may be silent because it does not read', () => {
  test('is kept while messages are in flight, unless an option says how long', async () => {
    const meeting = libzmq(beats)
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(LONG)
    expect(meeting.end).toBeUndefined()
  })

  test('is given up after `stallTimeout`, and the error says so', async () => {
    const meeting = libzmq(bounded)
    await answering(meeting, 500)
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(meeting.end).toBeUndefined()
    await vi.advanceTimersByTimeAsync(200)
    expect(meeting.end).toMatchObject({
      possiblyLost: 1,
      error: { message: 'nothing heard for 1000 ms, with messages in flight (stallTimeout)' },
    })
  })

  test('is given up with a blocked write too, and what waits behind it stays in the queue', async () => {
    const meeting = libzmq(bounded)
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(500)
    meeting.outgoing.offer(Buffer.from('waiting'))
    await vi.advanceTimersByTimeAsync(800)
    expect(meeting.end?.possiblyLost).toBe(1)
    expect(meeting.outgoing.reclaim().map(({ message }) => String(message))).toEqual(['waiting'])
  })

  test('is kept while it says anything', async () => {
    const meeting = libzmq(bounded)
    meeting.outgoing.offer(Buffer.from('in flight'))
    for (let elapsed = 0; elapsed < 10_000; elapsed += 500) {
      meeting.hear(commandBytes(encodeCommand('PING', Buffer.from([0, 0]))))
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(meeting.end).toBeUndefined()
  })

  test('is kept while the system takes more of a long message', async () => {
    const meeting = libzmq(bounded)
    meeting.connection.blocked = true
    meeting.connection.untaken = 1_000_000
    meeting.outgoing.offer(Buffer.from('long'))
    for (let elapsed = 0; elapsed < 10_000; elapsed += 500) {
      meeting.connection.untaken -= 1000
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(meeting.end).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1300)
    expect(meeting.end?.error?.message).toContain('stallTimeout')
  })

  test('is kept while we do not read it ourselves', async () => {
    const meeting = new Meeting('DEALER', { options: bounded, marks: 1 }).greet('DEALER')
    for (const word of ['1', '2', '3']) meeting.hear(encodeFrame(0, Buffer.from(word)) as Buffer)
    expect(meeting.connection.paused).toBe(true)
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(LONG)
    expect(meeting.end).toBeUndefined()
  })
})

describe('A silent peer', () => {
  test('that has read everything is given up although messages were sent since it was asked', async () => {
    const meeting = libzmq(beats)
    await answering(meeting, 500)
    // Asked with nothing in flight; only then comes a message.
    await vi.advanceTimersByTimeAsync(210)
    meeting.outgoing.offer(Buffer.from('too late to be an excuse'))
    await vi.advanceTimersByTimeAsync(400)
    expect(meeting.end).toMatchObject({ possiblyLost: 1, error: { message: 'nothing heard for 300 ms' } })
  })

  test('of our own kind is given up after `heartbeatTimeout`, whatever is in flight', async () => {
    const meeting = ours({ ...bounded, stallTimeout: LONG })
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(500)
    expect(meeting.end?.error?.message).toBe('nothing heard for 300 ms')
  })

  test('that answers each question is never given up, not even when the timeout is as long as the interval', async () => {
    const meeting = libzmq({ heartbeatInterval: 100, heartbeatTimeout: 100, stallTimeout: 100 })
    await answering(meeting, 5000)
    meeting.outgoing.offer(Buffer.from('message'))
    await answering(meeting, 5000)
    expect(meeting.end).toBeUndefined()
  })
})

describe.each([
  ['older than ZMTP 3.1', bounded, downLevelOpening(7)],
  [
    'asked nothing, since heartbeats are off',
    { ...bounded, heartbeatInterval: Infinity },
    foreignOpening('PULL'),
  ],
])('A peer %s', (_, options, opening) => {
  test('is given up when the system takes nothing of a write for `stallTimeout`', async () => {
    const meeting = meet(opening, options)
    await vi.advanceTimersByTimeAsync(5050)
    meeting.connection.blocked = true
    meeting.outgoing.offer(Buffer.from('in flight'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(meeting.end).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1000)
    expect(meeting.end?.error?.message).toContain('(stallTimeout)')
  })

  test('is kept while it is idle, or the system takes what is sent', async () => {
    const meeting = meet(opening, options)
    await vi.advanceTimersByTimeAsync(LONG)
    for (let elapsed = 0; elapsed < 10_000; elapsed += 500) {
      meeting.connection.blocked = true
      meeting.outgoing.offer(Buffer.from('message'))
      await vi.advanceTimersByTimeAsync(500)
      meeting.connection.unblock()
    }
    expect(meeting.end).toBeUndefined()
    expect(readAll([meeting.connection.take()]).some(([kind]) => kind === 'command')).toBe(false)
  })
})
