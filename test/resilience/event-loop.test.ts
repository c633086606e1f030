/** A loop of calls that never have to wait must not starve timers and I/O. */
import { describe, expect, it } from 'vitest'
import { json } from '../../src/codec/json.ts'
import { raw } from '../../src/codec/raw.ts'
import type { Message } from '../../src/message.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { inproc, ipc, tcp } from '../support/transports.ts'

/** Operations after which the event loop must have had a turn. */
const OPERATIONS = 10_000

/** Counts turns of the event loop until told to stop. */
function turns(): { count: number; stop(): void } {
  const counter = { count: 0, stop: () => clearImmediate(pending) }
  const next = () => {
    counter.count++
    pending = setImmediate(next)
  }
  let pending = setImmediate(next)
  return counter
}

describe('a saturating loop', () => {
  for (const transport of [inproc, tcp, ipc]) {
    it(`of sends and receives lets the event loop run, over ${transport.name}`, async () => {
      await using pull = new Pull<Message>({ codec: raw, linger: 0 })
      await using push = new Push<Message>({ codec: raw, linger: 0 })
      push.connect(await pull.bind(transport.fresh()))
      await push.connected()
      const count = 300_000
      const message = Buffer.from('a small message.')
      const counter = turns()
      const sending = (async () => {
        for (let at = 0; at < count; at++) await push.send(message)
      })()
      for (let at = 0; at < count; at++) await pull.receive()
      await sending
      counter.stop()
      expect(counter.count).toBeGreaterThanOrEqual(count / OPERATIONS)
    })
  }

  it('of tries, with a send for each that is refused, lets the event loop run', async () => {
    await using pull = new Pull<Message>({ codec: raw, linger: 0 })
    await using push = new Push<Message>({ codec: raw, linger: 0 })
    push.connect(await pull.bind(inproc.fresh()))
    const count = 300_000
    const message = Buffer.from('a small message.')
    const counter = turns()
    const sending = (async () => {
      for (let at = 0; at < count; at++) if (!push.trySend(message)) await push.send(message)
    })()
    for (let received = 0; received < count; ) received += (await pull.receiveMany(1000)).length
    await sending
    counter.stop()
    expect(counter.count).toBeGreaterThanOrEqual(count / OPERATIONS)
  })

  it('of sends that nobody reads lets the event loop run', async () => {
    await using push = new Push<Message>({ codec: raw, linger: 0, sendHighWaterMark: Infinity })
    push.connect(inproc.fresh())
    const counter = turns()
    for (let at = 0; at < 100_000; at++) await push.send(Buffer.from('message'))
    counter.stop()
    expect(counter.count).toBeGreaterThanOrEqual(100_000 / OPERATIONS)
    await push.close({ linger: 0 })
  })
})

describe('a flood of messages that do not decode', () => {
  for (const transport of [inproc, tcp, ipc]) {
    it(`lets the event loop run, and makes few events, over ${transport.name}`, async () => {
      const count = 5_000
      await using push = new Push({
        codec: raw,
        sendHighWaterMark: Infinity,
        sendHighWaterMarkBytes: Infinity,
      })
      await using pull = new Pull<number>({ codec: json, receiveHighWaterMark: Infinity })
      push.connect(await pull.bind(transport.fresh()))
      await push.connected()
      const told: number[] = []
      pull.events.on('message:invalid', event => told.push(event.count))
      const ways: (() => Promise<unknown>)[] = [
        () => pull.receive(),
        () => pull[Symbol.asyncIterator]().next(),
        () => pull.readable.getReader().read(),
        async () => {
          while (pull.tryReceive() === undefined) await new Promise(resolve => setImmediate(resolve))
        },
      ]
      for (const way of ways) {
        for (let sent = 0; sent < count; sent++) await push.send(Buffer.from('x'))
        push.send(Buffer.from('1'))
        let [turns, most, before] = [0, 0, pull.stats().invalid]
        const look = () => {
          const { invalid } = pull.stats()
          most = Math.max(most, invalid - before)
          before = invalid
          turns++
          pending = setImmediate(look)
        }
        let pending = setImmediate(look)
        await way()
        clearImmediate(pending)
        expect(most, String(way)).toBeLessThan(300)
        expect(turns, String(way)).toBeGreaterThan(count / 300)
      }
      expect(pull.stats().invalid).toBe(ways.length * count)
      expect(told.length, 'one event at once, then one a second').toBeLessThan(60)
    })
  }
})
