/** PUB and XPUB: who gets a message, and what happens to the one who has no room. */
import { describe, expect, test } from 'vitest'
import { Stand } from './stand.ts'

function subscribed(stand: Stand, prefix: string, mark?: number) {
  const far = stand.join('SUB', mark === undefined ? {} : { mark })
  far.say(`\x01${prefix}`)
  return far
}

describe('PUB', () => {
  test('gives a message once to each peer that has a prefix of its first part', () => {
    const stand = new Stand('PUB')
    const [all, news, none] = [subscribed(stand, ''), subscribed(stand, 'news'), subscribed(stand, 'x')]
    news.say('\x01news.sport')
    stand.send('news.sport', 'goal')
    stand.send('old', 'hat')
    expect(all.take()).toEqual([
      ['news.sport', 'goal'],
      ['old', 'hat'],
    ])
    expect(news.take()).toEqual([['news.sport', 'goal']])
    expect(none.take()).toEqual([])
  })

  test('has nothing to do for a message that nobody wants', () => {
    expect(new Stand('PUB').send('news')).toBe('taken')
  })

  test('forgets what a peer cancels, and the peer that goes', () => {
    const stand = new Stand('PUB')
    const [staying, leaving] = [subscribed(stand, 'a'), subscribed(stand, 'a')]
    expect(stand.strategy.subscribers!(undefined)).toBe(2)
    leaving.leave()
    expect(stand.strategy.subscribers!(Buffer.from('abc'))).toBe(1)
    staying.say('\x00a')
    expect(stand.strategy.subscribers!(undefined)).toBe(0)
    stand.send('a')
    expect(staying.take()).toEqual([])
  })

  test('is not confused by a cancellation of what was never subscribed, nor by one too many', () => {
    const stand = new Stand('PUB')
    const [one, other] = [subscribed(stand, 'a'), subscribed(stand, 'a')]
    other.say('\x00b')
    other.say('\x00a')
    other.say('\x00a')
    stand.send('a')
    expect(one.take()).toEqual([['a']])
  })

  test('drops and counts what a subscriber says besides', () => {
    const stand = new Stand('PUB')
    const peer = subscribed(stand, 'a')
    peer.say('talk')
    peer.say('\x01not', 'a subscription')
    expect(stand.log).toEqual(['dropped: malformed', 'dropped: malformed'])
  })

  test('ends the connection of a peer with too many subscriptions, and disturbs no other', () => {
    const stand = new Stand('PUB', { maxSubscriptions: 2 })
    const honest = subscribed(stand, 'a')
    const greedy = subscribed(stand, '1')
    greedy.say('\x012')
    greedy.say('\x013')
    expect(stand.log).toEqual(['violated: more than 2 subscriptions'])
    expect(greedy.pipe.closed).toBe(true)
    stand.send('a')
    expect(honest.take()).toEqual([['a']])
  })

  test('ends the connection of a peer whose subscriptions are too long together', () => {
    const stand = new Stand('PUB', { receiveHighWaterMarkBytes: 100 })
    const greedy = subscribed(stand, 'a'.repeat(60))
    greedy.say(`\x00${'a'.repeat(60)}`)
    greedy.say(`\x01${'b'.repeat(60)}`)
    expect(stand.log).toEqual([])
    greedy.say(`\x01${'c'.repeat(60)}`)
    expect(stand.log).toEqual(['violated: subscriptions of more than 100 bytes'])
  })

  describe('towards a peer at its mark', () => {
    const full = (onFull: 'drop-newest' | 'drop-oldest' | 'wait') => {
      const stand = new Stand('PUB', { onFull })
      const [slow, quick] = [subscribed(stand, '', 2), subscribed(stand, '')]
      for (const word of ['1', '2']) stand.send(word)
      return { stand, slow, quick }
    }

    test('drops the newest', () => {
      const { stand, slow, quick } = full('drop-newest')
      expect(stand.send('3')).toBe('taken')
      expect(slow.take().flat()).toEqual(['1', '2'])
      expect(quick.take().flat()).toEqual(['1', '2', '3'])
      expect(stand.log).toContain('dropped: high-water-mark')
    })

    test('drops the oldest', () => {
      const { stand, slow, quick } = full('drop-oldest')
      expect(stand.send('3')).toBe('taken')
      expect(slow.take().flat()).toEqual(['2', '3'])
      expect(quick.take().flat()).toEqual(['1', '2', '3'])
      expect(stand.log).toEqual(['dropped: high-water-mark'])
    })

    test('drops the newest after all when the oldest are being written', () => {
      const { stand, slow } = full('drop-oldest')
      slow.pipe.read()
      slow.pipe.read()
      expect(stand.send('3')).toBe('taken')
      expect(slow.take()).toEqual([])
      expect(stand.log).toEqual(['dropped: high-water-mark'])
    })

    test('waits before it gives the message to anybody', () => {
      const { stand, slow, quick } = full('wait')
      expect(stand.send('3')).toBe('full')
      expect(quick.take().flat()).toEqual(['1', '2'])
      slow.take()
      expect(stand.log).toEqual(['writable'])
      expect(stand.send('3')).toBe('taken')
      expect(slow.take().flat()).toEqual(['3'])
      expect(stand.log).not.toContain('dropped: high-water-mark')
    })
  })
})

describe('XPUB', () => {
  test('yields what is new to all its peers, and what no peer wants any more', () => {
    const stand = new Stand('XPUB')
    const [one, other] = [subscribed(stand, 'a'), subscribed(stand, 'a')]
    one.say('\x00a')
    expect(stand.receiveAll()).toEqual([['\x01a']])
    other.leave()
    expect(stand.receiveAll()).toEqual([['\x00a']])
  })

  test('yields every subscription when it is verbose', () => {
    const stand = new Stand('XPUB', { verbose: true })
    const peer = subscribed(stand, 'a')
    subscribed(stand, 'a')
    peer.say('\x01a')
    expect(stand.receiveAll()).toEqual([['\x01a'], ['\x01a'], ['\x01a']])
  })

  test('yields what its peers send upstream', () => {
    const stand = new Stand('XPUB')
    const peer = stand.join('XSUB')
    peer.say('hello')
    peer.say('\x01several', 'parts')
    expect(stand.receiveAll()).toEqual([['hello'], ['\x01several', 'parts']])
    expect(stand.log).toContain('receivable')
  })

  test('counts a subscription although nobody reads of it, and keeps no more notices than its mark', () => {
    const stand = new Stand('XPUB', { receiveHighWaterMark: 2 })
    const peer = stand.join('SUB')
    for (const topic of ['a', 'b', 'c']) peer.say(`\x01${topic}`)
    stand.send('c')
    expect(peer.take()).toEqual([['c']])
    expect(stand.receiveAll()).toEqual([['\x01a'], ['\x01b']])
    expect(stand.log).toContain('dropped: high-water-mark')
  })
})
