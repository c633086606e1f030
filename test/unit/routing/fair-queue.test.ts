/** The fair queue, as PULL shows it: whose message is next. */
import { describe, expect, test } from 'vitest'
import { Stand } from './stand.ts'

describe('A fair queue', () => {
  test('takes one message of each peer in turn', () => {
    const stand = new Stand('PULL')
    const [a, b, c] = [stand.join('PUSH'), stand.join('PUSH'), stand.join('PUSH')]
    for (const word of ['a1', 'a2', 'a3']) a.say(word)
    b.say('b1')
    for (const word of ['c1', 'c2']) c.say(word)
    const received = stand.receiveAll().flat()
    expect(received.slice(0, 3).sort()).toEqual(['a1', 'b1', 'c1'])
    expect(received.slice(3, 5).sort()).toEqual(['a2', 'c2'])
    expect(received.slice(5)).toEqual(['a3'])
  })

  test('is not filled by one peer that never pauses', () => {
    const stand = new Stand('PULL')
    const [loud, quiet] = [stand.join('PUSH'), stand.join('PUSH')]
    for (let sent = 0; sent < 1000; sent++) loud.say('loud')
    quiet.say('quiet')
    expect([stand.receive(), stand.receive(), stand.receive()].flat()).toContain('quiet')
  })

  test('keeps the order of each peer', () => {
    const stand = new Stand('PULL')
    const peers = [stand.join('PUSH'), stand.join('PUSH')]
    for (let sent = 0; sent < 50; sent++) for (const [at, peer] of peers.entries()) peer.say(`${at}-${sent}`)
    const received = stand.receiveAll().flat()
    for (const at of [0, 1]) {
      const own = received.filter(word => word.startsWith(`${at}-`))
      expect(own).toEqual(Array.from({ length: 50 }, (_, sent) => `${at}-${sent}`))
    }
  })

  test('still yields what a peer had sent before it went', () => {
    const stand = new Stand('PULL')
    const peer = stand.join('PUSH')
    peer.say('1')
    peer.say('2')
    peer.leave()
    expect(stand.receiveAll()).toEqual([['1'], ['2']])
    expect(stand.receive()).toBeUndefined()
  })

  test('has room for a peer again when its messages have been taken', () => {
    const stand = new Stand('PULL')
    const peer = stand.join('PUSH')
    for (let sent = 0; sent < 1000; sent++) peer.say('x')
    expect(peer.peer.incoming.offer(Buffer.from('refused'))).toBe(false)
    stand.receiveAll()
    expect(peer.peer.incoming.offer(Buffer.from('taken'))).toBe(true)
    expect(stand.receiveAll()).toEqual([['taken']])
  })
})
