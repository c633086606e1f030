/** One suite for every byte transport: what `Connection` promises, on real sockets. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  connected,
  handles,
  handlesReturnTo,
  never,
  options,
  Recorder,
  record,
  type Side,
  transports,
  turns,
} from './streams.ts'

const MIB = 1024 * 1024

describe.each(transports)('a connection over $name', ({ make, endpoint }) => {
  const transport = make(options)
  const open = () => connected(transport, endpoint)

  let before = 0
  beforeAll(async () => {
    await turns()
    before = handles()
  })
  afterAll(() => handlesReturnTo(before))

  test('carries several chunks in order, both ways', async () => {
    await using pair = await open()
    pair.dialled.connection.write([Buffer.from('one '), Buffer.from('two '), Buffer.from('three')])
    pair.accepted.connection.write([Buffer.from('four')])
    await Promise.all([pair.accepted.seen.received(13), pair.dialled.seen.received(4)])
    expect(pair.accepted.seen.text).toBe('one two three')
    expect(pair.dialled.seen.text).toBe('four')
  })

  test('answers true, and never drains, while the kernel takes everything', async () => {
    await using pair = await open()
    for (let i = 0; i < 10; i++) expect(pair.dialled.connection.write([Buffer.from('x')])).toBe(true)
    expect(pair.dialled.connection.write([Buffer.from('y'), Buffer.from('z')])).toBe(true)
    await pair.accepted.seen.received(12)
    await turns()
    expect(pair.dialled.seen.log).toEqual([])
  })

  test('tells how much of a blocked write the system has not taken yet', async () => {
    await using pair = await open()
    const { connection } = pair.dialled
    expect(connection.untaken).toBe(0)
    pair.accepted.connection.pause()
    expect(connection.write([Buffer.alloc(64 * MIB, 7)])).toBe(false)
    await turns()
    const before = connection.untaken
    expect(before).toBeGreaterThan(0)
    pair.accepted.connection.resume()
    await pair.accepted.seen.received(48 * MIB)
    pair.accepted.connection.pause()
    expect(connection.untaken).toBeLessThan(before)
  })

  test('does nothing when there is nothing to write', async () => {
    await using pair = await open()
    expect(pair.dialled.connection.write([])).toBe(true)
  })

  test('answers false while bytes wait, and drains once when the peer has made room', async () => {
    await using pair = await open()
    pair.accepted.connection.pause()
    const chunks = Array.from({ length: 32 }, () => Buffer.alloc(MIB, 7))
    expect(pair.dialled.connection.write(chunks)).toBe(false)
    await turns()
    expect(pair.dialled.seen.log).toEqual([])
    pair.accepted.connection.resume()
    await pair.dialled.seen.has('drain')
    await pair.accepted.seen.received(32 * MIB)
    await turns()
    expect(pair.dialled.seen.log).toEqual(['drain'])
    expect(pair.accepted.seen.bytes).toBe(32 * MIB)
  })

  test('does not take the end of an earlier write for the drain of a later one', async () => {
    await using pair = await open()
    pair.accepted.connection.pause()
    expect(pair.dialled.connection.write([Buffer.from('small')])).toBe(true)
    expect(pair.dialled.connection.write([Buffer.alloc(32 * MIB)])).toBe(false)
    await turns()
    expect(pair.dialled.seen.log).toEqual([])
    pair.accepted.connection.resume()
    await pair.dialled.seen.has('drain')
    await pair.accepted.seen.received(32 * MIB + 5)
    await turns()
    expect(pair.dialled.seen.log).toEqual(['drain'])
  })

  test('drains again after each write that had to wait', async () => {
    await using pair = await open()
    for (let round = 1; round <= 3; round++) {
      pair.accepted.connection.pause()
      expect(pair.dialled.connection.write([Buffer.alloc(32 * MIB)])).toBe(false)
      pair.accepted.connection.resume()
      await pair.dialled.seen.until(() => pair.dialled.seen.drains === round)
    }
    await pair.accepted.seen.received(96 * MIB)
    expect(pair.dialled.seen.log).toEqual(['drain', 'drain', 'drain'])
  })

  test('never calls its handler inside write', async () => {
    await using pair = await open()
    let writing = false
    const calls: boolean[] = []
    const seen = pair.dialled.seen
    for (const name of ['data', 'ended', 'drain', 'closed'] as const) {
      const original = seen[name].bind(seen) as (argument?: unknown) => void
      seen[name] = (argument?: unknown) => {
        calls.push(writing)
        original(argument)
      }
    }
    const write = (size: number) => {
      writing = true
      pair.dialled.connection.write([Buffer.alloc(size)])
      writing = false
    }
    write(10)
    write(16 * MIB)
    pair.accepted.connection.write([Buffer.from('answer')])
    await seen.has('drain')
    await seen.received(6)
    pair.accepted.connection.destroy()
    await pair.accepted.seen.has('closed')
    write(10)
    await seen.has('closed')
    expect(calls.length).toBeGreaterThan(2)
    expect(calls).not.toContain(true)
  })

  test.each(['dialled', 'accepted'] as const)(
    'the %s side gets nothing while paused, and all of it after',
    async which => {
      await using pair = await open()
      const reader = pair[which]
      const writer = which === 'dialled' ? pair.accepted : pair.dialled
      reader.connection.pause()
      writer.connection.write([Buffer.from('held')])
      await turns()
      expect(reader.seen.bytes).toBe(0)
      reader.connection.resume()
      await reader.seen.received(4)
      reader.connection.pause()
      writer.connection.write([Buffer.from(' back')])
      await turns()
      expect(reader.seen.text).toBe('held')
      reader.connection.resume()
      await reader.seen.received(9)
      expect(reader.seen.text).toBe('held back')
    },
  )

  test.each(['dialled', 'accepted'] as const)(
    'a pause inside data of the %s side holds back the rest',
    async which => {
      await using pair = await open()
      const reader = pair[which]
      const writer = which === 'dialled' ? pair.accepted : pair.dialled
      const seen = reader.seen
      reader.connection.handler = {
        reader: {
          data(chunk) {
            reader.connection.pause()
            seen.data(chunk)
          },
        },
        ended: () => seen.ended(),
        drain: () => seen.drain(),
        closed: error => seen.closed(error),
      }
      writer.connection.write([Buffer.alloc(4 * MIB)])
      while (seen.bytes < 4 * MIB) {
        const chunks = seen.chunks.length
        await seen.until(() => seen.chunks.length > chunks)
        await turns(3)
        expect(seen.chunks.length).toBe(chunks + 1)
        reader.connection.resume()
      }
    },
  )

  test('half-closes after everything that was written; the peer can still answer', async () => {
    await using pair = await open()
    const { dialled, accepted } = pair
    expect(dialled.connection.write([Buffer.alloc(32 * MIB, 1)])).toBe(false)
    dialled.connection.end()
    await accepted.seen.has('ended')
    expect(accepted.seen.bytes).toBe(32 * MIB)
    expect(accepted.seen.log).toEqual(['ended'])
    expect(dialled.seen.log).toEqual(['drain'])
    accepted.connection.end()
    await Promise.all([dialled.seen.has('closed'), accepted.seen.has('closed')])
    expect(dialled.seen.error).toBeUndefined()
    expect(accepted.seen.error).toBeUndefined()
  })

  test('keeps every byte when both sides write much and end at once', async () => {
    await using pair = await open()
    const sides: Side[] = [pair.dialled, pair.accepted]
    for (const { connection } of sides) connection.write([Buffer.alloc(300_000, 1)])
    await Promise.all(sides.map(({ seen }) => seen.received(300_000)))
    for (const { connection } of sides) connection.end()
    await Promise.all(sides.map(({ seen }) => seen.has('closed')))
    expect(sides.map(({ seen }) => [seen.bytes, seen.error])).toEqual([
      [300_000, undefined],
      [300_000, undefined],
    ])
  })

  test.each(['dialled', 'accepted'] as const)(
    'the %s side ends while paused: it reads on until the FIN',
    async which => {
      await using pair = await open()
      const ender = pair[which]
      const peer = which === 'dialled' ? pair.accepted : pair.dialled
      ender.connection.pause()
      const full = !peer.connection.write([Buffer.alloc(16 * MIB)])
      await turns()
      ender.connection.write([Buffer.from('last words')])
      ender.connection.end()
      await peer.seen.has('ended')
      if (full) await peer.seen.has('drain')
      expect(peer.seen.text).toBe('last words')
      expect(ender.seen.log).toEqual([])
      peer.connection.end()
      await Promise.all([ender.seen.has('closed'), peer.seen.has('closed')])
      expect(ender.seen.bytes).toBe(16 * MIB)
      expect(ender.seen.log).toEqual(['closed'])
      expect(ender.seen.error).toBeUndefined()
    },
  )

  test.each([
    ['dialled', 'accepted'],
    ['accepted', 'dialled'],
  ] as const)(
    '100 MB from the %s side arrive intact, and no chunk changes after it was handed over',
    async (from, to) => {
      await using pair = await open()
      const sent = createHash('sha1')
      const { connection, seen } = pair[from]
      const source = Buffer.alloc(2 * MIB)
      for (let i = 0; i < source.length; i += 4) source.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
      let left = 100 * MIB
      let seed = 1
      const random = (below: number) => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        return seed % below
      }
      while (left > 0) {
        const chunks: Buffer[] = []
        for (let i = random(4); i >= 0; i--) {
          const size = Math.min(left, 1 + random([16, 1_000, 70_000, MIB][random(4)]!))
          if (size === 0) continue
          const at = random(source.length - size)
          chunks.push(source.subarray(at, at + size))
          left -= size
        }
        for (const chunk of chunks) sent.update(chunk)
        const { drains } = seen
        if (!connection.write(chunks)) await seen.until(() => seen.drains > drains)
      }
      connection.end()
      await pair[to].seen.has('ended')
      expect(pair[to].seen.bytes).toBe(100 * MIB)
      const received = createHash('sha1')
      for (const chunk of pair[to].seen.chunks) received.update(chunk)
      expect(received.digest('hex')).toBe(sent.digest('hex'))
    },
  )

  test('loses nothing that came before the handler was set', async () => {
    const seen = new Recorder()
    const listener = await transport.listen(endpoint, connection => {
      connection.handler = seen
      connection.write([Buffer.from('early')])
      connection.end()
    })
    const connection = await transport.dial(listener.endpoint, never)
    await turns()
    const { seen: late } = record(connection)
    await late.has('ended')
    expect(late.text).toBe('early')
    connection.end()
    await Promise.all([late.has('closed'), seen.has('closed'), listener.close()])
  })

  test('tells a handler that comes too late that the connection has gone', async () => {
    const listener = await transport.listen(endpoint, accepted => {
      const { seen } = record(accepted)
      void seen.has('ended').then(() => accepted.end())
    })
    const connection = await transport.dial(listener.endpoint, never)
    connection.destroy(new Error('not wanted'))
    await turns()
    const { seen } = record(connection)
    expect(seen.log).toEqual([])
    await seen.has('closed')
    expect(seen.error?.message).toBe('not wanted')
    await listener.close()
  })

  test('destroy may be called twice; closed comes once, later, with the first error', async () => {
    await using pair = await open()
    const { connection, seen } = pair.dialled
    connection.destroy(new Error('first'))
    connection.destroy(new Error('second'))
    expect(seen.log).toEqual([])
    await seen.has('closed')
    connection.destroy()
    await turns()
    expect(seen.log).toEqual(['closed'])
    expect(seen.error?.message).toBe('first')
    await pair.accepted.seen.has('ended')
  })

  test('takes nothing after destroy or end', async () => {
    await using pair = await open()
    pair.dialled.connection.destroy()
    expect(pair.dialled.connection.write([Buffer.from('x')])).toBe(false)
    pair.accepted.connection.end()
    expect(pair.accepted.connection.write([Buffer.from('x')])).toBe(false)
    await Promise.all([pair.dialled.seen.has('closed'), pair.accepted.seen.has('closed')])
    expect(pair.dialled.connection.write([Buffer.from('x')])).toBe(false)
    expect(pair.dialled.seen.error).toBeUndefined()
  })

  test('reports a reset by the peer through closed', async () => {
    await using pair = await open()
    pair.accepted.connection.pause()
    pair.dialled.connection.write([Buffer.alloc(32 * MIB)])
    await turns()
    pair.accepted.connection.destroy()
    await pair.dialled.seen.has('closed')
    expect((pair.dialled.seen.error as NodeJS.ErrnoException).code).toMatch(/ECONNRESET|EPIPE/)
    expect(pair.dialled.seen.log.filter(event => event !== 'ended')).toEqual(['closed'])
    expect(pair.dialled.connection.write([Buffer.from('x')])).toBe(false)
  })

  test('does not claim that the kernel has what a broken connection refused', async () => {
    await using pair = await open()
    const { connection, seen } = pair.dialled
    pair.accepted.connection.destroy()
    await seen.has('ended')
    // Over tcp the first write draws the reset; over ipc it fails at once.
    for (let written = true; written; await turns(1))
      written = connection.write([Buffer.from('x'), Buffer.from('y')])
    await seen.has('closed')
    expect((seen.error as NodeJS.ErrnoException).code).toMatch(/ECONNRESET|EPIPE/)
    expect(seen.drains).toBe(0)
  })

  test('names the other end', async () => {
    await using pair = await open()
    expect(pair.dialled.connection.remote).toBe(pair.listener.endpoint)
    expect(pair.accepted.connection.remote.split(':')[0]).toBe(endpoint.split(':')[0])
  })

  test('with unref, neither listener nor connections keep the process alive', async () => {
    await turns()
    const count = handles()
    const pair = await connected(make({ ...options, unref: true }), endpoint)
    pair.dialled.connection.write([Buffer.from('x')])
    await pair.accepted.seen.received(1)
    expect(handles()).toBe(count)
    await pair[Symbol.asyncDispose]()
  })

  test('leaves no handle behind after 200 connections', async () => {
    const count = handles()
    for (let i = 0; i < 200; i++) {
      await using pair = await open()
      pair.dialled.connection.write([Buffer.from('x')])
      await pair.accepted.seen.received(1)
    }
    await handlesReturnTo(count)
  })
})
