/** The core of a socket: the one way in and the one way out. Without sockets and real time. */
import { describe, expect, test } from 'vitest'
import { identityOf } from '../routing/stand.ts'
import { readAll } from '../wire/streams.ts'
import { CoreStand, Where } from './core-stand.ts'

const word = (text: string) => Buffer.from(text)

describe('A peer that joins', () => {
  test('over a wire or within the process is attached, counted, told of, and wakes a send that waits', async () => {
    for (const way of ['greet', 'adopt'] as const) {
      const stand = new CoreStand('PUSH')
      const waiting = stand.core.sends.send(word('a'))
      const { peer } = stand[way]('PULL')
      await waiting
      expect([peer.phase, peer.attached, peer.outgoing.length], way).toEqual(['ready', true, 1])
      expect([stand.core.peers.readyCount, stand.events, stand.where.log], way).toEqual([
        1,
        ['handshake'],
        ['joining ready'],
      ])
    }
  })

  test('has its first words read, though they came before it joined', () => {
    const stand = new CoreStand('PULL')
    const { peer } = stand.connect()
    peer.incoming.push(word('early'))
    expect(stand.core.receives.tryReceive()).toBeUndefined()
    peer.session!.destroy()
    const within = stand.adopt('PUSH')
    within.end.outgoing.push(word('now'))
    expect(String(stand.core.receives.tryReceive())).toBe('now')
  })

  test('may do so as long as nothing is against it, in the same words wherever it comes from', () => {
    const stand = new CoreStand('PUSH', { maxPeers: 1 })
    stand.greet('PULL')
    const [accepted, dialled] = [new Where(true), new Where(false)]
    const { checks } = stand.core
    expect(checks.refuses(accepted, identityOf('PUB'))).toBe(
      'a PUSH socket may not talk to a PUB socket, only to PULL',
    )
    expect(checks.refuses(accepted, identityOf('PULL'))).toContain('as many as its option maxPeers allows')
    expect(checks.refuses(dialled, identityOf('PULL'))).toBeUndefined()
    expect(checks.refuses(accepted, { ...identityOf('PULL'), protocol: 'inproc' })).toBeUndefined()
    checks.closed = true
    expect(checks.refuses(dialled, identityOf('PULL'))).toBe('the socket is closing')
  })

  test('is asked about only when it comes over a wire', () => {
    let asked = 0
    const authenticate = () => {
      asked++
      return true
    }
    const stand = new CoreStand('PUSH', { authenticate })
    stand.adopt('PULL')
    expect(asked).toBe(0)
    stand.greet('PULL')
    expect(asked).toBe(1)
  })
})

describe('A peer that is expected', () => {
  test('has messages wait for it, and gets them when it joins', () => {
    const stand = new CoreStand('PUSH', {}, false)
    const peer = stand.core.peers.create('tcp://10.0.0.1:5555', stand.where)
    stand.core.expect(peer)
    stand.core.expect(peer)
    expect(stand.core.sends.trySend(word('a'))).toBe(true)
    expect([peer.outgoing.length, stand.core.peers.readyCount, stand.core.linger.pending]).toEqual([1, 0, 1])
    stand.core.leave(peer)
    expect([peer.phase, stand.core.strategy.returned, stand.events]).toEqual(['ended', 1, []])
    const { peer: other } = stand.greet('PULL')
    expect([other.outgoing.length, stand.core.strategy.returned]).toEqual([1, 0])
  })

  test('is not attached where nothing may wait', () => {
    for (const [type, options] of [
      ['PULL', {}],
      ['PUSH', { immediate: true }],
    ] as const) {
      const stand = new CoreStand(type, options, false)
      const peer = stand.core.peers.create('tcp://10.0.0.1:5555', stand.where)
      stand.core.expect(peer)
      expect([peer.attached, stand.core.peers.stats().peers]).toEqual([false, []])
    }
  })
})

describe('A peer that leaves', () => {
  test('because its connection ends is detached, counted and told of, once, and its messages go elsewhere', () => {
    const stand = new CoreStand('PUSH')
    const { peer, connection } = stand.greet('PULL')
    stand.core.sends.trySend(word('a'))
    connection.handler.closed()
    connection.handler.closed()
    expect([peer.phase, stand.core.peers.count, stand.core.strategy.returned]).toEqual(['ended', 0, 1])
    expect([stand.events, stand.where.log]).toEqual([
      ['handshake', 'disconnect'],
      ['joining ready', 'ended ended: undefined'],
    ])
  })

  test('before it has joined is no disconnect', () => {
    const stand = new CoreStand('PUSH')
    const { peer, connection } = stand.connect()
    connection.handler.closed()
    expect([stand.events, stand.where.log]).toEqual([
      ['handshake:failed'],
      ['failed handshaking: the peer left during the handshake'],
    ])
    stand.core.leave(peer)
    expect([peer.phase, stand.core.peers.count]).toEqual(['ended', 0])
  })

  test('because we let go of it drains first, and is told of when it has ended', () => {
    const stand = new CoreStand('PUSH')
    const { peer, connection } = stand.greet('PULL')
    connection.take()
    stand.core.sends.trySend(word('a'))
    stand.core.leave(peer, { byUs: true })
    expect([peer.phase, stand.core.peers.readyCount, stand.events]).toEqual(['draining', 0, ['handshake']])
    expect(readAll([connection.take()]).map(([, text]) => text.slice(0, 5))).toEqual(['a', '\x04PING'])
    expect(connection.log).toEqual(['end'])
    connection.handler.closed()
    expect([peer.phase, stand.events, stand.core.peers.count]).toEqual([
      'ended',
      ['handshake', 'disconnect'],
      0,
    ])
  })

  test('within the process is told so once, and keeps what it can read when we were the first to go', () => {
    const stand = new CoreStand('PUSH')
    const { peer, end, left } = stand.adopt('PULL')
    stand.core.sends.trySend(word('a'))
    stand.core.leave(peer, { byUs: true })
    stand.core.leave(peer, { byUs: true })
    expect([left(), String(end.incoming.take()), stand.core.strategy.returned]).toEqual([1, 'a', 0])
    expect(stand.events).toEqual(['handshake', 'disconnect'])
  })

  test('within the process of its own will leaves what it has not read', () => {
    const stand = new CoreStand('PUSH')
    const { peer } = stand.adopt('PULL')
    stand.core.sends.trySend(word('a'))
    peer.left()
    expect([peer.phase, stand.core.strategy.returned]).toEqual(['ended', 1])
  })

  test('leaves what it sent to be received', () => {
    const stand = new CoreStand('PULL')
    const { connection } = stand.greet('PUSH')
    connection.handler.reader.data(word('\x00\x01a\x00\x01b'))
    connection.handler.closed()
    expect(stand.core.departed.stats()).toMatchObject({ peers: 1, messages: 2 })
    expect([1, 2].map(() => String(stand.core.receives.tryReceive()))).toEqual(['a', 'b'])
    expect(stand.core.departed.stats()).toMatchObject({ peers: 0, messages: 0 })
  })

  test('for breaking the rules of the pattern does so with the reason, over a wire and within the process', () => {
    for (const way of ['greet', 'adopt'] as const) {
      const stand = new CoreStand('PUB')
      const { peer } = stand[way]('SUB')
      stand.core.violated(peer, 'too much')
      expect([peer.phase, stand.told.at(-1)![1].error.message], way).toEqual(['ended', 'too much'])
    }
  })
})

describe('Waiting for the end of a core', () => {
  test('ends when the last queue is empty', async () => {
    const stand = new CoreStand('PUSH')
    const { end } = stand.adopt('PULL')
    const { connection } = stand.greet('PULL')
    connection.blocked = true
    for (const text of ['a', 'b']) stand.core.sends.trySend(word(text))
    let over = false
    const waiting = stand.core.linger
      .until(() => stand.core.linger.pending === 0, Infinity)
      .then(() => (over = true))
    stand.core.linger.finish()
    await new Promise(process.nextTick)
    expect([over, stand.core.linger.pending, end.incoming.unread]).toEqual([false, 1, 1])
    connection.unblock()
    await waiting
  })
})
