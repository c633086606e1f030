/** ROUTER and REP: names, ways back, and what becomes of messages for peers that are full or gone. */
import { describe, expect, test } from 'vitest'
import { identityOf, Stand } from './stand.ts'

describe('ROUTER', () => {
  test('puts the name of the sender in front, and sends to the one that is named', () => {
    const stand = new Stand('ROUTER')
    const [ann, bob] = [
      stand.join('DEALER', { routingId: 'ann' }),
      stand.join('DEALER', { routingId: 'bob' }),
    ]
    ann.say('hello')
    bob.say('', 'x')
    expect(stand.receiveAll().sort()).toEqual([
      ['ann', 'hello'],
      ['bob', '', 'x'],
    ])
    stand.send('bob', 'one', 'two')
    expect([ann.take(), bob.take()]).toEqual([[], [['one', 'two']]])
  })

  test('makes up names that no peer may have, each different', () => {
    const stand = new Stand('ROUTER')
    const names = Array.from({ length: 100 }, () => stand.strategy.nameOf!(stand.join('DEALER').peer))
    expect(names.every(name => name.length === 5 && name[0] === 0)).toBe(true)
    expect(new Set(names.map(name => Buffer.from(name).toString('hex'))).size).toBe(100)
  })

  test('reports a name that nobody has, or drops and counts when it is not mandatory', () => {
    expect(new Stand('ROUTER').send('nobody', 'x')).toBe('unroutable')
    const lax = new Stand('ROUTER', { mandatory: false })
    expect(lax.send('nobody', 'x')).toBe('taken')
    expect(lax.log).toEqual(['dropped: no-peer'])
  })

  test('rejects for a peer at its mark, waits for that one alone, or drops', () => {
    const full = (options: object) => {
      const stand = new Stand('ROUTER', options)
      const peer = stand.join('DEALER', { routingId: 'd', mark: 1 })
      stand.send('d', '1')
      return { stand, peer, sent: stand.send('d', '2') }
    }
    expect(full({}).sent).toBe('refused')
    const { sent, peer } = full({ onFull: 'wait' })
    expect(sent).toBe(peer.peer)
    const dropping = full({ mandatory: false })
    expect([dropping.sent, dropping.stand.log]).toEqual(['taken', ['dropped: high-water-mark']])
  })

  test('refuses a newcomer with a name that is in use', () => {
    const stand = new Stand('ROUTER')
    const first = stand.join('DEALER', { routingId: 'd' })
    expect(stand.strategy.refuses!(identityOf('DEALER', 'd'))).toContain('0x64 is in use')
    expect(stand.strategy.refuses!(identityOf('DEALER', 'e'))).toBeUndefined()
    expect(stand.strategy.refuses!(identityOf('DEALER'))).toBeUndefined()
    first.leave()
    expect(stand.strategy.refuses!(identityOf('DEALER', 'd'))).toBeUndefined()
  })

  test('gives the name to a newcomer with handover, and ends the former', () => {
    const stand = new Stand('ROUTER', { handover: true })
    const former = stand.join('DEALER', { routingId: 'd' })
    former.say('said before')
    expect(stand.strategy.refuses!(identityOf('DEALER', 'd'))).toBeUndefined()
    const newcomer = stand.join('DEALER', { routingId: 'd' })
    expect(former.peer.incoming.closed).toBe(true)
    stand.send('d', 'x')
    expect(newcomer.take()).toEqual([['x']])
    expect(stand.receive()).toEqual(['d', 'said before'])
  })

  test('still yields what a peer had sent before it went, under its name', () => {
    const stand = new Stand('ROUTER')
    const peer = stand.join('DEALER', { routingId: 'd' })
    peer.say('1')
    peer.leave()
    expect(stand.receive()).toEqual(['d', '1'])
    expect(stand.send('d', 'late')).toBe('unroutable')
  })

  test('drops and counts what a peer that goes has not read', () => {
    const stand = new Stand('ROUTER')
    const peer = stand.join('DEALER', { routingId: 'd' })
    stand.send('d', '1')
    stand.send('d', '2')
    peer.leave()
    expect(stand.log).toEqual(['dropped: no-peer', 'dropped: no-peer'])
  })
})

describe('REP', () => {
  const ask = () => {
    const stand = new Stand('REP')
    const peer = stand.join('REQ', { routingId: 'same', mark: 1 })
    peer.say('id', '', 'question')
    return { stand, peer, asked: stand.receive()! }
  }

  test('gives the whole envelope to its socket and answers along it', () => {
    const { stand, peer, asked } = ask()
    const [name, ...rest] = asked
    expect(rest).toEqual(['id', '', 'question'])
    stand.send(Buffer.from(name!, 'latin1'), 'id', '', 'answer')
    expect(peer.take()).toEqual([['id', '', 'answer']])
  })

  test('names its peers itself, so that two with one routing id are two', () => {
    const { stand, asked } = ask()
    const other = stand.join('REQ', { routingId: 'same' })
    other.say('', 'x')
    expect(stand.receive()![0]).not.toBe(asked[0])
  })

  test('never waits: an answer for a peer that is full or gone is dropped and counted', () => {
    const { stand, peer, asked } = ask()
    const name = Buffer.from(asked[0]!, 'latin1')
    stand.send(name, '', '1')
    expect(stand.send(name, '', '2')).toBe('taken')
    peer.take()
    peer.leave()
    expect(stand.send(name, '', '3')).toBe('taken')
    expect(stand.log.filter(line => line.startsWith('dropped'))).toEqual([
      'dropped: high-water-mark',
      'dropped: no-peer',
    ])
  })

  test('skips and counts what has no empty part', () => {
    const stand = new Stand('REP')
    const peer = stand.join('DEALER')
    peer.say('no', 'delimiter')
    peer.say('', 'question')
    expect(stand.receive()!.slice(1)).toEqual(['', 'question'])
    expect(stand.log).toEqual(['dropped: malformed'])
  })
})
