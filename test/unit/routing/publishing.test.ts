/** PUB and XPUB: who gets a message, and what happens to the one who has no room. */
import { describe, expect, test } from 'vitest'
import { type Far, message, Stand } from './stand.ts'

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
    expect(greedy.peer.incoming.closed).toBe(true)
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
      slow.peer.outgoing.read()
      slow.peer.outgoing.read()
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

  test('keeps every subscription for the reader, also beyond its mark', () => {
    const stand = new Stand('XPUB', { receiveHighWaterMark: 2 })
    const peer = stand.join('SUB')
    const topics = Array.from({ length: 5000 }, (_, at) => `topic ${at}`)
    for (const topic of topics) peer.say(`\x01${topic}`)
    stand.send('topic 4999')
    expect(peer.take()).toEqual([['topic 4999']])
    expect(stand.receiveAll().flat()).toEqual(topics.map(topic => `\x01${topic}`))
    peer.leave()
    expect(stand.receiveAll().flat()).toEqual(topics.map(topic => `\x00${topic}`))
    expect(stand.log.filter(word => word !== 'receivable')).toEqual([])
  })

  test('tells beyond its mark nothing of what was subscribed to and cancelled before it is read', () => {
    const stand = new Stand('XPUB', { receiveHighWaterMark: 1 })
    const peer = subscribed(stand, 'kept')
    for (let round = 0; round < 10_000; round++) {
      peer.say('\x01a')
      peer.say('\x00a')
    }
    expect(stand.receiveAll()).toEqual([['\x01kept']])
    for (let round = 0; round < 10_000; round++) {
      peer.say('\x00kept')
      peer.say('\x01kept')
    }
    expect(stand.receiveAll()).toEqual([['\x00kept'], ['\x01kept']])
    expect(stand.strategy.subscribers!(Buffer.from('kept'))).toBe(1)
  })

  test('keeps repetitions of a subscription up to its mark when it is verbose, and makes one of the others', () => {
    const stand = new Stand('XPUB', { verbose: true, receiveHighWaterMark: 3 })
    const peer = subscribed(stand, 'a')
    for (let round = 0; round < 1000; round++) peer.say('\x01a')
    expect(stand.receiveAll()).toEqual([['\x01a'], ['\x01a'], ['\x01a'], ['\x01a']])
  })

  test('yields subscriptions and messages in their order', () => {
    const stand = new Stand('XPUB')
    const peer = stand.join('XSUB')
    for (const word of ['first', '\x01a', 'second', '\x00b', '\x01c', 'third']) peer.say(word)
    expect(stand.receiveAll().flat()).toEqual(['first', '\x01a', 'second', '\x01c', 'third'])
  })

  test('takes messages of its peers in turn, so that one who floods holds up no other', () => {
    const stand = new Stand('XPUB')
    const [loud, quiet] = [stand.join('XSUB'), stand.join('XSUB')]
    for (const word of ['1', '2', '3']) loud.say(word)
    quiet.say('a')
    expect(stand.receiveAll().flat()).toEqual(['1', 'a', '2', '3'])
  })

  test('drops no message of a peer at its mark, but pushes back on that peer until they are read', () => {
    const stand = new Stand('XPUB')
    const [loud, other] = [stand.join('XSUB'), subscribed(stand, 'a')]
    let sent = 0
    while (loud.peer.incoming.offer(message(`${sent}`))) sent++
    expect(sent).toBe(1000)
    other.say('\x01b')
    expect(stand.strategy.subscribers!(Buffer.from('b'))).toBe(1)
    expect(stand.receiveAll().filter(([word]) => word![0] !== '\x01')).toHaveLength(1000)
    expect(loud.peer.incoming.offer(message('room again'))).toBe(true)
    expect(stand.log.filter(word => word.startsWith('dropped'))).toEqual([])
  })

  test('keeps of peers that have disconnected what its mark allows, and counts the rest', () => {
    const stand = new Stand('XPUB', { receiveHighWaterMark: 5 })
    for (let visit = 0; visit < 3; visit++) {
      const peer = stand.join('XSUB')
      for (let count = 0; count < 3; count++) peer.say(`${visit}.${count}`)
      peer.leave()
    }
    expect(stand.log.filter(word => word === 'dropped: high-water-mark')).toHaveLength(4)
    expect(stand.receiveAll().flat()).toEqual(['0.0', '1.0', '0.1', '1.1', '0.2'])
    const peer = stand.join('XSUB')
    peer.say('again')
    peer.leave()
    expect(stand.receiveAll().flat()).toEqual(['again'])
  })
})

describe('XPUB where all peers together ask for too many topics', () => {
  const ask = (peer: Far, name: string, count: number) => {
    for (let topic = 0; topic < count && !peer.peer.incoming.closed; topic++) peer.say(`\x01${name}.${topic}`)
  }
  const total = (stand: Stand) => {
    const held = new Set<string>()
    for (const [word] of stand.receiveAll()) {
      if (word!.startsWith('\x01')) held.add(word!)
      else held.delete(word!.replace('\x00', '\x01'))
    }
    return held.size
  }

  test('disconnects the peer with the greatest share, again and again, and never one that asks for little', () => {
    const stand = new Stand('XPUB', { maxTopics: 1000 })
    const honest = [stand.join('SUB')]
    ask(honest[0]!, 'honest', 100)
    const strangers = [stand.join('SUB'), stand.join('SUB')]
    for (let round = 0; round < 10; round++) {
      strangers.forEach((stranger, which) => {
        if (stranger.peer.incoming.closed) strangers[which] = stand.join('SUB')
        ask(strangers[which]!, `stranger ${round} ${which}`, 600)
      })
      honest.push(stand.join('SUB'))
      ask(honest.at(-1)!, `late ${round}`, 10)
    }
    expect(honest.every(peer => !peer.peer.incoming.closed)).toBe(true)
    expect(stand.log).toContain(
      'violated: more than 1000 topics in all, and this peer has the greatest share',
    )
    expect(total(stand)).toBeLessThanOrEqual(1000)
  })

  test('charges what many subscribe to to none of them alone', () => {
    const stand = new Stand('XPUB', { maxTopics: 1000 })
    const crowd = Array.from({ length: 20 }, () => stand.join('SUB'))
    for (const peer of crowd) ask(peer, 'popular', 200)
    const strangers = Array.from({ length: 30 }, () => stand.join('SUB'))
    for (const [which, stranger] of strangers.entries()) ask(stranger, `stranger ${which}`, 100)
    expect(crowd.every(peer => !peer.peer.incoming.closed)).toBe(true)
    expect(strangers.some(peer => peer.peer.incoming.closed)).toBe(true)
  })

  test('finds strangers who ask for the same topics', () => {
    const stand = new Stand('XPUB', { maxTopics: 1000 })
    const strangers = [stand.join('SUB'), stand.join('SUB')]
    for (const stranger of strangers) ask(stranger, 'same', 1000)
    const honest = stand.join('SUB')
    ask(honest, 'honest', 100)
    expect([honest, ...strangers].map(peer => peer.peer.incoming.closed)).toEqual([false, true, true])
  })

  test('lets one peer have all of them, and any number of peers the same', () => {
    const stand = new Stand('XPUB', { maxTopics: 1000 })
    const peers = [stand.join('SUB'), stand.join('SUB')]
    for (const peer of peers) ask(peer, 'same', 1000)
    expect(stand.log.filter(word => word.startsWith('violated'))).toEqual([])
  })

  test('counts their bytes too, and lets none pay for the long topic of another', () => {
    const stand = new Stand('XPUB', { receiveHighWaterMarkBytes: 1000 })
    const [honest, greedy, newcomer] = [stand.join('SUB'), stand.join('SUB'), stand.join('SUB')]
    honest.say(`\x01${'h'.repeat(100)}`)
    greedy.say(`\x01${'g'.repeat(950)}`)
    expect([honest, greedy].map(peer => peer.peer.incoming.closed)).toEqual([false, true])
    newcomer.say(`\x01${'n'.repeat(800)}`)
    expect([honest, newcomer].map(peer => peer.peer.incoming.closed)).toEqual([false, false])
  })
})
