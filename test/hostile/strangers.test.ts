/** Strangers on real connections: those that speak something else, those that say too little, and those that are too many. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { foreignOpening, readyFrame } from '../unit/session/sides.ts'
import { collectedBytes } from './memory.ts'
import { TcpStand } from './tcp-stand.ts'

const MIB = 1024 * 1024
const GREETING = foreignOpening('PUSH').subarray(0, 64)

/** What the event says of the one stranger. */
async function violation(stand: TcpStand): Promise<string> {
  while (stand.endings.length === 0) await new Promise(resolve => setImmediate(resolve))
  expect(stand.endings).toHaveLength(1)
  return stand.endings[0]!.message
}

describe('A socket tells by event what is wrong with', () => {
  const CLIENT_HELLO = Buffer.from('16030100f8010000f40303', 'hex')
  test.each<[string, Buffer, RegExp]>([
    ['a browser', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), /not a ZMTP peer.*0x47/],
    ['a TLS client', CLIENT_HELLO, /not a ZMTP peer.*0x16/],
    ['an ssh client', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), /not a ZMTP peer.*0x53/],
    ['a Redis client', Buffer.from('*1\r\n$4\r\nPING\r\n'), /not a ZMTP peer.*0x2a/],
    ['zeroes', Buffer.alloc(100), /not a ZMTP peer.*0x0/],
    [
      'a READY of 17 KiB',
      Buffer.concat([GREETING, Buffer.from('0600000000000044000552454144590b', 'hex')]),
      /17408 bytes/,
    ],
    ['a second READY', Buffer.concat([GREETING, readyFrame('PUSH'), readyFrame('PUSH')]), /second READY/],
    ['a wrong pair of types', foreignOpening('SUB'), /PULL socket may not talk to a SUB/],
    ['no socket type', foreignOpening('NONSENSE'), /"NONSENSE" is no socket type/],
    [
      'a name of 256 bytes',
      foreignOpening('PUSH', { identity: Buffer.alloc(256, 'a') }),
      /identity is over 255 bytes/,
    ],
  ])('%s', async (_, bytes, expected) => {
    await using stand = await TcpStand.open('PULL')
    const stranger = await stand.stranger(bytes)
    stranger.on('end', () => stranger.end())
    expect(await violation(stand)).toMatch(expected)
    await stand.serveHonestPeer()
  })

  test.each<[string, Buffer[]]>([
    ['who says nothing', []],
    ['who stops within the greeting', [GREETING.subarray(0, 30)]],
    ['who stops within READY', [GREETING, readyFrame('PUSH').subarray(0, 10)]],
  ])('somebody %s', async (_, chunks) => {
    await using stand = await TcpStand.open('PULL', 'NULL', { handshakeTimeout: 100 })
    await stand.stranger(Buffer.concat(chunks))
    expect(await violation(stand)).toBe('no handshake within 100 ms')
    await stand.serveHonestPeer()
  })

  test('a slow loris: a byte from time to time is no reason to wait longer', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', { handshakeTimeout: 150 })
    const stranger = await stand.stranger()
    let sent = 0
    const dripping = setInterval(() => {
      if (stranger.writable && sent < 64) stranger.write(GREETING.subarray(sent, ++sent))
    }, 10)
    expect(await violation(stand)).toBe('no handshake within 150 ms')
    clearInterval(dripping)
    await stand.serveHonestPeer()
  })
})

describe('A bound socket', () => {
  test('survives a port scan: connections that end as soon as they stand', async () => {
    await using stand = await TcpStand.open('PULL')
    const before = collectedBytes()
    for (let round = 0; round < 10; round++) {
      const scanners = await Promise.all(Array.from({ length: 100 }, () => stand.stranger()))
      for (const [number, scanner] of scanners.entries()) {
        if (number % 2 === 0) scanner.resetAndDestroy()
        else scanner.destroy()
      }
      await stand.serveHonestPeer()
    }
    while (stand.endings.length < 1000) await new Promise(resolve => setImmediate(resolve))
    expect(stand.socket.peers).toHaveLength(1)
    expect(collectedBytes() - before).toBeLessThan(8 * MIB)
  })

  test('lets maxPeers in, refuses the rest with an ERROR and an event a second at most, and takes another when one leaves', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', { maxPeers: 50 })
    const crowd: { socket: Socket; heard: string }[] = []
    for (let count = 0; count < 200; count++) {
      const socket = await stand.stranger(foreignOpening('PUSH'))
      const member = { socket, heard: '' }
      socket.on('data', data => {
        member.heard += data.toString('latin1')
      })
      socket.on('end', () => socket.end())
      crowd.push(member)
    }
    const refused = () => crowd.filter(({ heard }) => heard.includes('ERROR'))
    // One of the 50 is the honest peer.
    while (refused().length < 151) await new Promise(resolve => setImmediate(resolve))
    expect(refused()[0]!.heard).toContain('this socket has 50 peers, as many as its option maxPeers allows')
    while (stand.endings.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(stand.socket.peers).toHaveLength(50)
    expect(stand.endings.length).toBeLessThan(20)
    expect(stand.endings[0]).toMatchObject({ code: 'PROTOCOL', fatal: true })
    await stand.serveHonestPeer()
    const gone = once(stand.socket.events, 'disconnect')
    crowd.find(({ heard }) => !heard.includes('ERROR'))!.socket.end()
    await gone
    const newcomer = once(stand.socket.events, 'handshake')
    await stand.stranger(foreignOpening('PUSH'))
    await newcomer
    expect(stand.socket.peers).toHaveLength(50)
  })

  test('keeps at most maxHandshakes of 5,000 half-open ones, and lets an honest newcomer in', async () => {
    await using stand = await TcpStand.open('PULL', 'NULL', {
      handshakeTimeout: Infinity,
      maxHandshakes: 1000,
    })
    const before = collectedBytes()
    const silent: Socket[] = []
    while (silent.length < 5000) {
      silent.push(...(await Promise.all(Array.from({ length: 250 }, () => stand.stranger(GREETING)))))
    }
    while (stand.endings.length < 4000) await new Promise(resolve => setImmediate(resolve))
    expect(new Set(stand.endings.map(error => error?.message))).toEqual(
      new Set(['the oldest of too many handshakes at once']),
    )
    const newcomer = await stand.stranger(foreignOpening('PUSH'))
    await stand.socket.connected(2)
    await stand.serveHonestPeer()
    // The sockets of both ends are in this process: 5,000 there, 1,000 here.
    expect(collectedBytes() - before).toBeLessThan(64 * MIB)
    newcomer.destroy()
    for (const socket of silent) socket.destroy()
    await Promise.all(silent.map(socket => (socket.closed ? undefined : once(socket, 'close'))))
  })
})
