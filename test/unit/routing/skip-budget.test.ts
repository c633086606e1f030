/** Patterns that skip what they cannot use: a flood of it must leave the event loop its turns. */
import { describe, expect, test } from 'vitest'
import type { SocketType } from '../../../src/socket-type.ts'
import { Stand, words } from './stand.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

describe.each<[SocketType, SocketType]>([
  ['SUB', 'PUB'],
  ['REP', 'DEALER'],
  ['REQ', 'ROUTER'],
])('%s', (type, other) => {
  test('skips at most 10,000 messages in a turn, then says that there is more', async () => {
    const stand = new Stand(type)
    const peer = stand.join(other)
    for (let count = 0; count < 25_000; count++) peer.say('useless')
    const left: number[] = []
    while (peer.peer.incoming.unread > 0) {
      expect(stand.strategy.receive!()).toBeUndefined()
      left.push(peer.peer.incoming.unread)
      expect(stand.strategy.skipped).toBe(peer.peer.incoming.unread > 0)
      expect(stand.strategy.receive!()).toBeUndefined()
      await turn()
    }
    expect(left).toEqual([15_000, 5_000, 0])
    expect(stand.log.filter(entry => entry === 'receivable')).toHaveLength(2)
  })
})

test('a request behind useless ones is received in a later turn', async () => {
  const stand = new Stand('REP')
  const peer = stand.join('DEALER')
  for (let count = 0; count < 10_000; count++) peer.say('useless')
  peer.say('', 'request')
  expect(stand.strategy.receive!()).toBeUndefined()
  await turn()
  expect(words(stand.strategy.receive!())!.slice(1)).toEqual(['', 'request'])
})
