/** The load balancer, as PUSH shows it: who gets the next message. */
import { describe, expect, test } from 'vitest'
import { Stand } from './stand.ts'

function send(stand: Stand, ...all: string[]): void {
  for (const one of all) expect(stand.send(one), one).toBe('taken')
}

describe('A load balancer', () => {
  test('gives each peer one message in turn', () => {
    const stand = new Stand('PUSH')
    const peers = [stand.join('PULL'), stand.join('PULL'), stand.join('PULL')]
    send(stand, '1', '2', '3', '4', '5', '6')
    expect(peers.map(peer => peer.take().flat())).toEqual([
      ['1', '4'],
      ['2', '5'],
      ['3', '6'],
    ])
  })

  test('takes nothing while there is no peer', () => {
    expect(new Stand('PUSH').send('1')).toBe('full')
  })

  test('skips a peer at its mark until that has room again', () => {
    const stand = new Stand('PUSH')
    const small = stand.join('PULL', { mark: 1 })
    const large = stand.join('PULL', { mark: 100 })
    send(stand, '1', '2', '3', '4')
    expect(small.take()).toEqual([['1']])
    send(stand, '5', '6')
    expect(small.take().length).toBe(1)
    expect(large.take().length).toBe(4)
  })

  test('takes nothing when all peers are at their marks, and goes on when one has room', () => {
    const stand = new Stand('PUSH')
    const peer = stand.join('PULL', { mark: 2 })
    send(stand, '1', '2')
    expect(stand.send('3')).toBe('full')
    peer.take()
    expect(stand.log).toEqual(['writable'])
    send(stand, '3')
  })

  test('gives to the peer with the least before it, the uncovered included, if so told', () => {
    const stand = new Stand('PUSH', { dispatch: 'least-queued' })
    const [idle, busy, hidden] = [stand.join('PULL'), stand.join('PULL'), stand.join('PULL')]
    send(stand, '1', '2', '3')
    idle.take()
    hidden.take()
    // Handed to the kernel, and not known to have arrived.
    hidden.peer.uncovered = 5
    send(stand, '4', '5', '6')
    // Equals take turns.
    expect(idle.take().flat()).toEqual(['4', '6'])
    expect(busy.take().flat()).toEqual(['2', '5'])
    expect(hidden.take()).toEqual([])
  })

  test('uses a peer that is not connected yet only when no connected one has room', () => {
    const stand = new Stand('PUSH')
    const early = stand.expect(1)
    const connected = stand.join('PULL', { mark: 2 })
    send(stand, '1', '2', '3')
    expect(stand.send('4')).toBe('full')
    expect(connected.take().flat()).toEqual(['1', '2'])
    expect(early.take().flat()).toEqual(['3'])
  })

  test('treats such a peer like all others once it is there', () => {
    const stand = new Stand('PUSH')
    const early = stand.expect()
    send(stand, '1')
    stand.open(early, 'PULL')
    const other = stand.join('PULL')
    send(stand, '2', '3')
    expect(early.take().flat()).toEqual(['1', '2'])
    expect(other.take().flat()).toEqual(['3'])
  })

  test('gives what a peer has not begun to read to the others, oldest first and ahead of new sends', () => {
    const stand = new Stand('PUSH')
    const leaving = stand.join('PULL')
    send(stand, '1', '2', '3')
    leaving.takeOne()
    const staying = stand.join('PULL')
    leaving.leave()
    send(stand, '4')
    expect(staying.take().flat()).toEqual(['2', '3', '4'])
  })

  test('keeps what is returned, counted, until somebody comes', () => {
    const stand = new Stand('PUSH')
    const leaving = stand.join('PULL')
    send(stand, '1', '2')
    leaving.leave()
    expect(stand.strategy.returned).toBe(2)
    expect(stand.send('3')).toBe('full')
    const coming = stand.join('PULL', { mark: 1 })
    expect(stand.strategy.returned).toBe(1)
    expect(coming.takeOne()).toEqual(['1'])
    // Room for the one that was left over.
    expect(coming.takeOne()).toEqual(['2'])
    expect(stand.strategy.returned).toBe(0)
  })
})
