/** Peers that are let in and then say too much. What they can make a socket keep is bounded, and others are served meanwhile. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { partsOf } from '../../src/message.ts'
import { encodeCommand, encodePing } from '../../src/wire/command.ts'
import { encodeFrame, FLAG_MORE } from '../../src/wire/frame.ts'
import { encodeMetadata } from '../../src/wire/metadata.ts'
import { foreignOpening } from '../unit/session/sides.ts'
import { commandBytes, messageBytes } from '../unit/wire/streams.ts'
import { collectedBytes } from './memory.ts'
import { TcpStand } from './tcp-stand.ts'

const MIB = 1024 * 1024

function times(count: number, piece: (at: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, at) => piece(at)))
}

/** A command that nobody knows, of about so many bytes. */
function padding(size: number): Buffer {
  return commandBytes(encodeCommand('X-PADDING', Buffer.alloc(size)))
}

describe('A flood', () => {
  test('of PINGs whose PONGs nobody reads makes us stop reading, and nothing grows', async () => {
    await using stand = await TcpStand.open('PULL')
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    await stand.socket.connected(2)
    const before = collectedBytes()
    stranger.pause()
    const flood = times(50_000, () => commandBytes(encodePing(Buffer.alloc(16, 'p'))))
    // Until our own writes block: the other end has stopped reading.
    let blocked = false
    for (let round = 0; round < 30 && !blocked; round++) {
      blocked = !stranger.write(flood)
      await stand.serveHonestPeer()
      if (blocked) blocked = stranger.writableLength > 0
    }
    expect(collectedBytes() - before - stranger.writableLength).toBeLessThan(16 * MIB)
    stranger.destroy()
    await stand.serveHonestPeer()
  })

  test('of SUBSCRIBE ends at maxSubscriptions', async () => {
    await using stand = await TcpStand.open('XPUB', 'NULL', { maxSubscriptions: 1000 })
    const stranger = await stand.stranger(foreignOpening('SUB'))
    stranger.write(times(2000, at => commandBytes(encodeCommand('SUBSCRIBE', Buffer.from(`topic ${at}`)))))
    await new Promise(resolve => stranger.once('close', resolve))
    expect(stand.endings).toMatchObject([{ message: 'more than 1000 subscriptions' }])
    await stand.serveHonestPeer()
  })

  test('of long SUBSCRIBEs ends at the bytes that one peer may keep here', async () => {
    await using stand = await TcpStand.open('XPUB', 'NULL', { receiveHighWaterMarkBytes: 4 * MIB })
    const before = collectedBytes()
    const stranger = await stand.stranger(foreignOpening('SUB'))
    for (let round = 0; round < 40 && stand.endings.length === 0; round++) {
      const prefix = Buffer.alloc(MIB, `prefix ${round}`)
      stranger.write(commandBytes(encodeCommand('SUBSCRIBE', prefix)))
      await new Promise(resolve => setImmediate(resolve))
      while (stand.socket.tryReceive() !== undefined);
    }
    while (stand.endings.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(stand.endings).toMatchObject([{ message: expect.stringMatching(/more than 4194304 bytes/) }])
    await stand.serveHonestPeer()
    while (stand.socket.tryReceive() !== undefined);
    expect(collectedBytes() - before).toBeLessThan(16 * MIB)
  })

  test('of long subscriptions and their ends fills no inbox beyond its bytes when nobody reads it', async () => {
    await using stand = await TcpStand.open('XPUB', 'NULL', { receiveHighWaterMarkBytes: 4 * MIB })
    const stranger = await stand.stranger(foreignOpening('SUB'))
    await stand.socket.connected(2)
    const before = collectedBytes()
    const prefix = Buffer.alloc(MIB, 'prefix')
    for (let round = 0; round < 30; round++) {
      stranger.write(commandBytes(encodeCommand('SUBSCRIBE', prefix)))
      stranger.write(commandBytes(encodeCommand('CANCEL', prefix)))
    }
    stranger.write(commandBytes(encodeCommand('SUBSCRIBE', Buffer.from('end'))))
    await stand.socket.subscribed!(1, Buffer.from('end'))
    expect(collectedBytes() - before).toBeLessThan(16 * MIB)
    stranger.destroy()
  })

  test('of CANCELs for what was never subscribed changes nothing', async () => {
    await using stand = await TcpStand.open('XPUB')
    const stranger = await stand.stranger(foreignOpening('SUB'))
    await stand.socket.connected(2)
    const before = collectedBytes()
    stranger.write(times(50_000, at => commandBytes(encodeCommand('CANCEL', Buffer.from(`topic ${at}`)))))
    stranger.write(commandBytes(encodeCommand('SUBSCRIBE', Buffer.from('end'))))
    await stand.socket.subscribed!(1, Buffer.from('end'))
    expect(collectedBytes() - before).toBeLessThan(8 * MIB)
    stranger.destroy()
    await stand.serveHonestPeer()
  })

  test('of unknown commands is ignored', async () => {
    await using stand = await TcpStand.open('PULL')
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    stranger.write(times(20_000, () => commandBytes(encodeCommand('X-LATER', Buffer.alloc(10)))))
    stranger.write(messageBytes(Buffer.from('after')))
    expect(String(await stand.socket.receive())).toBe('after')
    expect(stand.endings).toEqual([])
    stranger.destroy()
  })
})

describe('A message', () => {
  test('of 100,000 parts is refused at maxParts', async () => {
    await using stand = await TcpStand.open('PULL')
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    const part = Buffer.from(encodeFrame(FLAG_MORE, Buffer.from('x')))
    stranger.write(Buffer.concat([times(99_999, () => part), Buffer.from(encodeFrame(0, Buffer.from('x')))]))
    await new Promise(resolve => stranger.once('close', resolve))
    expect(stand.endings).toMatchObject([{ message: 'a message of more than 1000 parts' }])
    await stand.serveHonestPeer()
  })

  test('of 100,000 parts is received where the option allows it', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', { maxParts: 100_000 })
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    const part = Buffer.from(encodeFrame(FLAG_MORE, Buffer.from('x')))
    stranger.write(Buffer.concat([times(99_999, () => part), Buffer.from(encodeFrame(0, Buffer.from('x')))]))
    expect(await stand.socket.receive()).toHaveLength(100_000)
    stranger.destroy()
    await stand.serveHonestPeer()
  })

  // A part costs memory of its own, however short: about 100 bytes. What one peer can take is mark x parts x that.
  test.each([
    [1, 10_000],
    [1000, 100],
  ])('of %i empty parts is held back at the mark of %i when nobody reads', async (parts, mark) => {
    await using stand = await TcpStand.open('PULL', 'NULL', { receiveHighWaterMark: mark, maxParts: 10_000 })
    const before = collectedBytes()
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    const message = Buffer.concat([times(parts - 1, () => Buffer.from([FLAG_MORE, 0])), Buffer.from([0, 0])])
    const mebibyte = times(Math.ceil(MIB / message.length), () => message)
    let written = 0
    while (written < 30 && stranger.write(mebibyte)) written++
    await settledReading(stand)
    const { waiting } = stand.socket.stats().traffic
    // At most one read of 64 KiB beyond the mark.
    expect(waiting).toBeLessThan(mark + 1 + 65_536 / message.length)
    expect(collectedBytes() - before - stranger.writableLength).toBeLessThan(64 * MIB)
    stranger.destroy()
  })

  // A message is a view of the block that it was read in: what else was in the block must not stay with it.
  test.each<[string, (at: number) => Buffer]>([
    [
      'one in each block',
      at => Buffer.concat([messageBytes(Buffer.alloc(20, `${at}`)), ...Array(4).fill(padding(15 * 1024))]),
    ],
    [
      'one in each short read',
      at => Buffer.concat([messageBytes(Buffer.alloc(20, `${at}`)), padding(6 * 1024)]),
    ],
    [
      'whose parts are far apart',
      at => {
        const part = Buffer.from(encodeFrame(FLAG_MORE, Buffer.alloc(10, `${at}`)))
        const last = Buffer.from(encodeFrame(0, Buffer.alloc(10, `${at}`)))
        const blocks = Array(4).fill(padding(15 * 1024))
        return Buffer.concat([part, ...blocks, last, ...blocks])
      },
    ],
  ])('of 20 bytes, %s, keeps little more memory than it counts', async (_, piece) => {
    await using stand = await TcpStand.open('PULL')
    const stranger = await stand.stranger(foreignOpening('PUSH'))
    await stand.socket.connected(2)
    const before = collectedBytes()
    for (let at = 0; at < 900; at += 20) {
      const pieces = Array.from({ length: 20 }, (_, index) => piece(at + index))
      if (!stranger.write(Buffer.concat(pieces))) await once(stranger, 'drain')
    }
    while (stand.socket.stats().traffic.waiting! < 900) await new Promise(resolve => setImmediate(resolve))
    expect(collectedBytes() - before).toBeLessThan(4 * MIB)
    for (let at = 0; at < 900; at++) {
      const text = Buffer.concat(partsOf(await stand.socket.receive()) as Buffer[])
      expect(
        text.equals(Buffer.alloc(20, `${at}`)) ||
          text.equals(Buffer.concat([Buffer.alloc(10, `${at}`), Buffer.alloc(10, `${at}`)])),
      ).toBe(true)
    }
    stranger.destroy()
  })

  test('that is promised by a thousand peers takes no memory before it comes', async () => {
    await using stand = await TcpStand.open('PULL')
    const before = process.memoryUsage().rss
    const promise = Buffer.concat([
      foreignOpening('PUSH'),
      Buffer.from('020000000003ffffff', 'hex'),
      Buffer.alloc(10),
    ])
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, () => stand.stranger(promise)))
    }
    await stand.socket.connected(1001)
    await stand.serveHonestPeer()
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB)
  })
})

describe('Metadata', () => {
  test('that fill the handshake cost a bounded amount a peer', async () => {
    await using stand = await TcpStand.open('PULL')
    const before = collectedBytes()
    const properties = Array.from({ length: 99 }, (_, at): [string, Uint8Array] => [
      `x${at}`,
      Buffer.alloc(150),
    ])
    const ready = encodeCommand(
      'READY',
      encodeMetadata([['Socket-Type', Buffer.from('PUSH')], ...properties]),
    )
    const bomb = Buffer.concat([foreignOpening('PUSH').subarray(0, 64), commandBytes(ready)])
    expect(ready.length).toBeLessThan(16 * 1024)
    await Promise.all(Array.from({ length: 100 }, () => stand.stranger(bomb)))
    await stand.socket.connected(101)
    expect((collectedBytes() - before) / 100).toBeLessThan(0.1 * MIB)
    await stand.serveHonestPeer()
  })
})

describe('A name', () => {
  test('that is taken is refused to newcomers, and the owner keeps it', async () => {
    await using stand = await TcpStand.open('ROUTER')
    const owner = await stand.stranger(foreignOpening('DEALER', { identity: Buffer.from('name') }))
    await stand.socket.connected(2)
    for (let count = 0; count < 100; count++) {
      const thief = await stand.stranger(foreignOpening('DEALER', { identity: Buffer.from('name') }))
      thief.on('end', () => thief.end())
      while (stand.endings.length <= count) await new Promise(resolve => setImmediate(resolve))
    }
    expect(stand.endings).toHaveLength(100)
    expect(stand.endings[0]).toBeInstanceOf(ProtocolError)
    expect(stand.endings[0]!.message).toMatch(/routing id 0x6e616d65 is in use/)
    const got = new Promise(resolve => owner.once('data', resolve))
    await stand.socket.send([Buffer.from('name'), Buffer.from('to the owner')])
    expect(String(await got)).toContain('to the owner')
    await stand.serveHonestPeer()
  })

  test('is handed over a thousand times without a trace where the option says so', async () => {
    await using stand = await TcpStand.open('ROUTER', 'NULL', { handover: true })
    const before = collectedBytes()
    const opening = foreignOpening('DEALER', { identity: Buffer.from('name') })
    for (let count = 0; count < 1000; count++) {
      const next = await stand.stranger(opening)
      next.on('end', () => next.end())
    }
    while (stand.endings.length < 999) await new Promise(resolve => setImmediate(resolve))
    expect(stand.socket.peers).toHaveLength(2)
    expect(stand.endings[0]!.message).toBe('a newcomer took over the routing id')
    await stand.serveHonestPeer()
    expect(collectedBytes() - before).toBeLessThan(16 * MIB)
  })
})

/** Resolves once the socket has not read anything more for some turns of the event loop. */
async function settledReading(stand: TcpStand): Promise<void> {
  let [last, quiet] = [-1, 0]
  while (quiet < 50) {
    await new Promise(resolve => setImmediate(resolve))
    const { waiting } = stand.socket.stats().traffic
    quiet = waiting === last ? quiet + 1 : 0
    last = waiting!
  }
}
