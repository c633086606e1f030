/** REQ and DEALER: who is asked, whose answer counts, and what becomes of questions whose peer goes. */
import { describe, expect, test } from 'vitest'
import { OutgoingRequest } from '../../../src/outgoing-request.ts'
import { message, Stand } from './stand.ts'

/** The answer to a request as it came: the same number, and `answer` to what was asked. */
const answer = ([id, , body]: readonly string[]) => [Buffer.from(id!, 'latin1'), '', `re ${body}`] as const

describe('REQ', () => {
  test('deals requests out in turn, and takes answers from whoever was asked', () => {
    const stand = new Stand('REQ')
    const [one, other] = [stand.join('REP'), stand.join('REP')]
    for (const number of ['1', '2', '3']) stand.send(number)
    const [asked, askedOther] = [one.take(), other.take()]
    expect([asked.length, askedOther.length]).toEqual([2, 1])
    other.say(...answer(askedOther[0]!))
    for (const request of asked.reverse()) one.say(...answer(request))
    expect(stand.receiveAll().sort()).toEqual([
      ['1', 're 1'],
      ['2', 're 2'],
      ['3', 're 3'],
    ])
  })

  test('drops an answer from a peer that was not asked, one to nothing, and one that came before', () => {
    const stand = new Stand('REQ')
    const [asked, other] = [stand.join('REP'), stand.join('REP')]
    stand.send('question')
    const [request] = asked.take()
    other.say(...answer(request!))
    asked.say(...answer(['none', '', 'never asked']))
    asked.say(...answer(request!))
    asked.say(...answer(request!))
    asked.say('no envelope')
    expect(stand.receiveAll().length).toBe(1)
    expect(stand.log.sort()).toEqual([
      'dropped: late-answer',
      'dropped: late-answer',
      'dropped: late-answer',
      'dropped: malformed',
    ])
  })

  test('asks somebody else what its peer had not begun to read, and tells of what it had', () => {
    const stand = new Stand('REQ')
    const leaving = stand.join('REP')
    stand.send('read')
    stand.send('unread')
    leaving.takeOne()
    leaving.leave()
    const coming = stand.join('REP')
    const [request, ...more] = coming.take()
    expect([request!.slice(1), more]).toEqual([['', 'unread'], []])
    expect(stand.log).toEqual(['receivable'])
    expect(stand.receiveAll()).toEqual([['read', 'lost']])
    coming.say(...answer(request!))
    expect(stand.receiveAll()).toEqual([['unread', 're unread']])
  })

  test('still takes the answers that a peer had sent before it went, and only then tells what is lost', () => {
    const stand = new Stand('REQ')
    const leaving = stand.join('REP')
    stand.send('a')
    stand.send('b')
    const [request] = leaving.take()
    leaving.say(...answer(request!))
    leaving.leave()
    expect(stand.receiveAll()).toEqual([
      ['a', 're a'],
      ['b', 'lost'],
    ])
  })

  test('tells a loss also when the last thing that its peer had sent is dropped', () => {
    const stand = new Stand('REQ')
    const leaving = stand.join('REP')
    stand.send('question')
    leaving.take()
    leaving.say('no envelope')
    leaving.leave()
    expect(stand.receive()).toEqual(['question', 'lost'])
    expect(stand.strategy.source, 'no peer has sent it').toBeUndefined()
  })

  test('tells of any number of losses at once, past every mark, and of none that was taken back', () => {
    const stand = new Stand('REQ')
    const leaving = stand.join('REP', { mark: 5000 })
    const requests = Array.from({ length: 5000 }, (_, at) => new OutgoingRequest(message(String(at))))
    for (const request of requests) stand.strategy.send!(request)
    leaving.take()
    leaving.leave()
    expect(stand.strategy.revoke!(requests[0])).toBe(false)
    expect(stand.receiveAll()).toHaveLength(4999)
    expect(stand.log).toEqual(['receivable'])
  })

  test('takes a request back that waits in a queue or for one, and no other', () => {
    const stand = new Stand('REQ')
    const peer = stand.join('REP')
    const [read, waiting, returned] = ['1', '2', '3'].map(text => new OutgoingRequest(message(text)))
    stand.strategy.send!(read)
    const asked = peer.takeOne()
    stand.strategy.send!(waiting)
    expect(stand.strategy.revoke!(read)).toBe(false)
    expect(stand.strategy.revoke!(waiting)).toBe(true)
    expect(stand.strategy.revoke!(waiting)).toBe(false)
    peer.say(...answer(asked!))
    expect(stand.receive(), 'the answer to what was taken back').toBeUndefined()
    stand.strategy.send!(returned)
    peer.leave()
    expect(stand.strategy.returned).toBe(1)
    expect(stand.strategy.revoke!(returned)).toBe(true)
    expect(stand.strategy.returned).toBe(0)
  })

  test('that is strict ends the connection over which an abandoned request went', () => {
    const stand = new Stand('REQ', { strict: true })
    const peer = stand.join('REP')
    const sent = new OutgoingRequest(message('question'))
    stand.strategy.send!(sent)
    expect(peer.takeOne()).toEqual(['', 'question'])
    expect(stand.strategy.revoke!(sent)).toBe(false)
    expect(stand.log[0]).toContain('violated')
    expect(peer.peer.incoming.closed).toBe(true)
  })

  test('waits while nobody has room', () => {
    const stand = new Stand('REQ')
    expect(stand.send('1')).toBe('full')
    stand.join('REP', { mark: 1 })
    expect([stand.send('1'), stand.send('2')]).toEqual(['taken', 'full'])
  })
})

describe('DEALER', () => {
  test('deals out in turn and takes in turn', () => {
    const stand = new Stand('DEALER')
    const [one, other] = [stand.join('DEALER'), stand.join('ROUTER')]
    stand.send('1')
    stand.send('2', 'x')
    expect([one.take(), other.take()]).toEqual([[['1']], [['2', 'x']]])
    one.say('a')
    other.say('', 'b')
    expect(stand.receiveAll()).toEqual([['a'], ['', 'b']])
  })

  test('adds the delimiter towards a REP, and takes it off the answer', () => {
    const stand = new Stand('DEALER')
    const rep = stand.join('REP')
    stand.send('question')
    stand.send('two', 'parts')
    expect(rep.take()).toEqual([
      ['', 'question'],
      ['', 'two', 'parts'],
    ])
    rep.say('', 'answer')
    rep.say('', 'two', 'parts')
    rep.say('', '')
    expect(stand.receiveAll()).toEqual([['answer'], ['two', 'parts'], ['']])
  })

  test('leaves an envelope as the application built it', () => {
    const stand = new Stand('DEALER')
    const rep = stand.join('REP')
    stand.send('', 'question')
    stand.send('address', '', 'question')
    expect(rep.take()).toEqual([
      ['', 'question'],
      ['address', '', 'question'],
    ])
  })

  test('takes an empty part with nothing behind it for a body', () => {
    const stand = new Stand('DEALER')
    const rep = stand.join('REP')
    stand.send('')
    stand.send('a', '')
    expect(rep.take()).toEqual([
      ['', ''],
      ['', 'a', ''],
    ])
  })

  test('adds the delimiter to what waited before the peer was known to be a REP, in order', () => {
    const stand = new Stand('DEALER')
    const early = stand.expect(3)
    for (const word of ['1', '2', '3']) stand.send(word)
    expect(stand.send('4')).toBe('full')
    stand.open(early, 'REP')
    expect(early.takeOne()).toEqual(['', '1'])
    expect(early.takeOne()).toEqual(['', '2'])
    expect(stand.send('4')).toBe('taken')
    expect(early.take()).toEqual([
      ['', '3'],
      ['', '4'],
    ])
  })
})

describe('PAIR', () => {
  test('has one peer, and refuses further ones until that has gone', () => {
    const stand = new Stand('PAIR')
    expect(stand.strategy.refuses!(stand.join('PAIR').peer.identity!)).toContain('one peer already')
    const other = new Stand('PAIR')
    const partner = other.join('PAIR')
    partner.leave()
    expect(other.strategy.refuses!(partner.peer.identity!)).toBeUndefined()
  })

  test('talks both ways, and waits at the mark', () => {
    const stand = new Stand('PAIR')
    const partner = stand.join('PAIR', { mark: 1 })
    partner.say('hello')
    expect(stand.receive()).toEqual(['hello'])
    expect([stand.send('1'), stand.send('2')]).toEqual(['taken', 'full'])
    partner.take()
    expect(stand.send('2')).toBe('taken')
  })

  test('keeps for the next peer what the last one had not begun to read', () => {
    const stand = new Stand('PAIR')
    const first = stand.join('PAIR')
    stand.send('1')
    stand.send('2')
    first.takeOne()
    first.leave()
    expect(stand.join('PAIR').take()).toEqual([['2']])
  })
})
