/** Peers that come, leave something to be received, and go. What they leave is bounded and visible, and nothing of it is lost. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { Pull, Push, raw } from '../../src/index.ts'
import { encodeCommand } from '../../src/wire/command.ts'
import { encodeFrame, FLAG_COMMAND, FLAG_MORE } from '../../src/wire/frame.ts'
import { encodeMetadata } from '../../src/wire/metadata.ts'
import { foreignOpening } from '../unit/session/sides.ts'
import { messageBytes } from '../unit/wire/streams.ts'
import { collectedBytes } from './memory.ts'
import { TcpStand } from './tcp-stand.ts'

const MIB = 1024 * 1024

const turn = () => new Promise(resolve => setImmediate(resolve))

/** Waits for our READY, as an honest peer does, then says these bytes and leaves. Resolves once it has been let in or has given up. */
async function visit(
  stand: TcpStand,
  bytes: Buffer,
  patience = new AbortController().signal,
  opening = foreignOpening('PUSH'),
): Promise<boolean> {
  const stranger = await stand.stranger(opening)
  let heard = ''
  stranger.on('data', data => {
    heard += data.toString('latin1')
  })
  while (!heard.includes('READY')) {
    if (patience.aborted) {
      stranger.destroy()
      return false
    }
    await turn()
  }
  stranger.end(bytes)
  await once(stranger, 'close')
  return true
}

/** A message of empty parts: 2 KB on the wire, 100 KB in memory. */
const thousandParts = Buffer.concat(
  Array.from({ length: 1000 }, (_, part) => encodeFrame(part < 999 ? FLAG_MORE : 0, Buffer.alloc(0))),
)

describe('What disconnected peers have left', () => {
  test('is bounded, however many come and leave empty messages, and all of it can be received', async () => {
    const [visits, count] = [100, 30_000]
    await using stand = await TcpStand.open('PULL', 'NULL', {
      receiveHighWaterMark: 10,
      maxDepartedBytes: MIB,
    })
    const before = collectedBytes()
    const patience = new AbortController()
    const empty = Buffer.alloc(2 * count)
    let admitted = 0
    const coming = Promise.all(
      Array.from({ length: visits }, async () => {
        if (await visit(stand, empty, patience.signal)) admitted++
      }),
    )
    const held = () => (stand.socket.stats().departed?.holding ?? 0) + admitted
    while (held() < visits) await turn()
    const { traffic, departed } = stand.socket.stats()
    expect(departed!.peers).toBeGreaterThan(5)
    expect(departed!.bytes).toBeLessThan(2 * MIB)
    expect(departed!.messages).toBe(10 * departed!.peers)
    expect(traffic.waiting).toBe(departed!.messages)
    expect(collectedBytes() - before).toBeLessThan(16 * MIB)
    // Reading makes room for those who wait, until nobody does.
    let received = 0
    while (received < visits * count) {
      for (let burst = 0; burst < 1000 && stand.socket.tryReceive() !== undefined; burst++) received++
      await turn()
    }
    await coming
    expect(admitted).toBe(visits)
    expect(stand.socket.tryReceive()).toBeUndefined()
    expect(stand.socket.stats()).toMatchObject({
      traffic: { waiting: 0, received: visits * count },
      departed: { peers: 0, messages: 0, bytes: 0, holding: 0 },
    })
    await stand.serveHonestPeer()
  }, 60_000)

  test('keeps new peers waiting without their handshake being given up, and lets them leave', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', {
      receiveHighWaterMark: 1,
      maxDepartedBytes: 1,
      handshakeTimeout: 50,
    })
    const patience = new AbortController()
    expect(await visit(stand, Buffer.from(messageBytes(Buffer.from('first'))), patience.signal)).toBe(true)
    while (stand.socket.stats().departed!.peers === 0) await turn()
    const second = visit(stand, Buffer.from(messageBytes(Buffer.from('second'))), patience.signal)
    const third = await stand.stranger(foreignOpening('PUSH'))
    while (stand.socket.stats().departed!.holding < 2) await turn()
    const begun = performance.now()
    while (performance.now() - begun < 200) await turn()
    expect(stand.socket.stats().departed!.holding).toBe(2)
    third.destroy()
    while (stand.socket.stats().departed!.holding === 2) await turn()
    expect(stand.endings).toMatchObject([undefined, { message: 'the peer left during the handshake' }])
    expect(String(await stand.socket.receive())).toBe('first')
    expect(await second).toBe(true)
    expect(String(await stand.socket.receive())).toBe('second')
  })

  test('is decoded as it is read: a violation in it is counted, and what stands before it is received', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', { receiveHighWaterMark: 1 })
    const said = ['1', '2', '3'].map(word => Buffer.from(messageBytes(Buffer.from(word))))
    await visit(stand, Buffer.concat([...said, Buffer.from([0x80, 0])]))
    while (stand.socket.stats().departed!.peers === 0) await turn()
    expect(stand.endings).toEqual([undefined])
    for (const word of ['1', '2', '3']) expect(String(await stand.socket.receive())).toBe(word)
    expect(stand.socket.stats()).toMatchObject({ dropped: { malformed: 1 }, departed: { peers: 0 } })
    await stand.serveHonestPeer()
  })

  test('holds nothing of a message that its peer was in the middle of', async () => {
    await using stand = await TcpStand.open('PULL')
    const begun = encodeFrame(0, Buffer.alloc(3 * MIB)).subarray(0, 2 * MIB)
    const bytes = Buffer.concat([messageBytes(Buffer.from('whole')), begun])
    const before = collectedBytes()
    for (let count = 0; count < 10; count++) await visit(stand, bytes)
    while (stand.socket.stats().departed!.peers < 10) await turn()
    expect(collectedBytes() - before).toBeLessThan(4 * MIB)
    for (let count = 0; count < 10; count++) expect(String(await stand.socket.receive())).toBe('whole')
    await stand.serveHonestPeer()
  })

  const long = Buffer.alloc(15_000)
  /** With short ones, which come to lie in one block of memory. */
  const among = (...property: [string, Buffer]): [string, Buffer][] => {
    const many = Array.from({ length: 90 }, (_, at): [string, Buffer] => [`X-${at}`, Buffer.alloc(90)])
    return many.toSpliced(45, 0, property)
  }

  test.each<[string, [string, Buffer][]]>([
    ['long metadata', [['X-Long', long]]],
    ['a long number for its trace', [['X-TypedMQ-Trace', long]]],
    ['a number for its trace among other metadata', among('X-TypedMQ-Trace', Buffer.alloc(16))],
    ['an identity among other metadata', among('Identity', Buffer.from('me'))],
  ])('holds nothing of what its peer told of itself: %s', async (_, properties) => {
    await using stand = await TcpStand.open('PULL', 'NULL', { trace: true })
    const before = collectedBytes()
    const metadata = encodeMetadata([['Socket-Type', Buffer.from('PUSH')], ...properties])
    const ready = encodeFrame(FLAG_COMMAND, encodeCommand('READY', metadata))
    const opening = Buffer.concat([foreignOpening('PUSH').subarray(0, 64), ready])
    for (let count = 0; count < 400; count++) await visit(stand, Buffer.alloc(2), undefined, opening)
    while (stand.socket.stats().departed!.peers < 400) await turn()
    expect(collectedBytes() - before).toBeLessThan(400 * 8192)
  })

  test('counts for each of its parts: few messages of a thousand parts hold up the next peer', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', { maxDepartedBytes: MIB })
    await visit(stand, Buffer.concat(Array(11).fill(thousandParts)))
    while (stand.socket.stats().departed!.peers === 0) await turn()
    const patience = new AbortController()
    const next = visit(stand, thousandParts, patience.signal)
    while (stand.socket.stats().departed!.holding === 0) await turn()
    for (let count = 0; count < 12; count++) expect(await stand.socket.receive()).toHaveLength(1000)
    expect(await next).toBe(true)
  })

  test('does not grow much when it is decoded: messages of several parts come one by one', async () => {
    const visits = 20
    await using stand = await TcpStand.open('PULL', 'NULL', { receiveHighWaterMark: 30 })
    const bytes = Buffer.concat([Buffer.alloc(2 * 30), ...Array<Buffer>(29).fill(thousandParts)])
    for (let count = 0; count < visits; count++) await visit(stand, bytes)
    while (stand.socket.stats().departed!.peers < visits) await turn()
    const before = collectedBytes()
    for (let count = 0; count < 30 * visits; count++) await stand.socket.receive()
    expect(collectedBytes() - before).toBeLessThan(8 * MIB)
    for (let count = 0; count < 29 * visits; count++) expect(await stand.socket.receive()).toHaveLength(1000)
    expect(stand.socket.stats()).toMatchObject({ departed: { peers: 0 }, traffic: { waiting: 0 } })
  })

  test('is counted, received or dropped, also at an XPUB that does not receive what comes upstream', async () => {
    await using stand = await TcpStand.open('XPUB', 'NULL', { receiveHighWaterMark: 10 })
    await visit(stand, Buffer.from('000178'.repeat(100), 'hex'), undefined, foreignOpening('XSUB'))
    while (stand.endings.length === 0) await turn()
    // The first is the honest peer's subscription.
    let received = -1
    while (stand.socket.tryReceive() !== undefined) received++
    expect(received + (stand.socket.stats().dropped['high-water-mark'] ?? 0)).toBe(100)
  })

  test('is counted when the socket closes before it is read', async () => {
    const stand = await TcpStand.open('PULL', 'NULL', { receiveHighWaterMark: 1 })
    await visit(stand, Buffer.alloc(2 * 30_000))
    while (stand.socket.stats().departed!.peers === 0) await turn()
    await stand.socket.close()
    expect(stand.socket.stats().dropped).toEqual({ unread: 30_000 })
    await stand[Symbol.asyncDispose]()
  })

  test('is counted when the socket closes, also when most of it is skipped', async () => {
    const stand = await TcpStand.open('REP')
    const useless = Buffer.from(messageBytes(Buffer.from('useless')))
    const request = Buffer.concat([Buffer.from([FLAG_MORE, 0]), messageBytes(Buffer.from('request'))])
    const said = Buffer.concat([...Array<Buffer>(6_000).fill(useless), request])
    for (let count = 0; count < 3; count++) await visit(stand, said, undefined, foreignOpening('DEALER'))
    while (stand.endings.length < 3) await turn()
    await stand.socket.close()
    expect(stand.socket.stats().dropped).toEqual({ malformed: 18_000, unread: 3 })
    await stand[Symbol.asyncDispose]()
  })

  test('holds up honest pushers that live for a few jobs, and none of their jobs is lost', async () => {
    await using pull = new Pull<any>({ codec: raw, receiveHighWaterMark: 2, maxDepartedBytes: 10_000 })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    const lives = Array.from({ length: 30 }, async (_, life) => {
      const push = new Push<any>({ codec: raw, linger: 30_000 }).connect(endpoint)
      for (let job = 0; job < 10; job++) await push.send(Buffer.from(`${life} ${job}`))
      return push.close()
    })
    while (pull.stats().departed!.holding === 0) await turn()
    const received = new Set<string>()
    while (received.size < 300) received.add(String(await pull.receive({ timeout: 20_000 })))
    for (const report of await Promise.all(lives)) expect(report.dropped).toBe(0)
  })
})
