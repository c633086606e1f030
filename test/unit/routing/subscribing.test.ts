/** SUB and XSUB: what publishers are told, and what is let through. */
import { describe, expect, test } from 'vitest'
import { Stand } from './stand.ts'

const prefix = (text: string) => Buffer.from(text)

describe.each(['SUB', 'XSUB'] as const)('%s', type => {
  test('tells every publisher, also one that comes later, whatever the mark', () => {
    const stand = new Stand(type)
    const early = stand.join('PUB', { mark: 1 })
    for (const topic of ['a', 'b', 'c']) stand.strategy.subscribe!(prefix(topic))
    const late = stand.join('PUB', { mark: 1 })
    expect(early.take()).toEqual([['\x01a'], ['\x01b'], ['\x01c']])
    expect(late.take()).toEqual([['\x01a'], ['\x01b'], ['\x01c']])
  })

  test('cancels a prefix as often as it was subscribed, and tells the publishers the last time only', () => {
    const stand = new Stand(type)
    const publisher = stand.join('PUB')
    stand.strategy.subscribe!(prefix('a'))
    stand.strategy.subscribe!(prefix('a'))
    stand.strategy.unsubscribe!(prefix('a'))
    expect(publisher.take()).toEqual([['\x01a']])
    stand.strategy.unsubscribe!(prefix('a'))
    expect(publisher.take()).toEqual([['\x00a']])
    stand.strategy.unsubscribe!(prefix('a'))
    expect(publisher.take()).toEqual([])
  })

  test('keeps for a publisher that does not read no more changes than there are topics, and tells it all in the end', () => {
    const stand = new Stand(type)
    const publisher = stand.join('PUB', { mark: 10 })
    for (let round = 0; round < 5000; round++) {
      stand.strategy.subscribe!(prefix(`kept ${round % 20}`))
      stand.strategy.subscribe!(prefix(`gone ${round}`))
      stand.strategy.unsubscribe!(prefix(`gone ${round}`))
    }
    expect(publisher.peer.outgoing.length).toBe(10)
    expect(stand.strategy.isLate!(publisher.peer)).toBe(true)
    const held = new Set<string>()
    const told = publisher.take().flat()
    for (const word of told)
      word[0] === '\x01' ? held.add(word.slice(1)) : expect(held.delete(word.slice(1))).toBe(true)
    expect([...held].sort()).toEqual(Array.from({ length: 20 }, (_, at) => `kept ${at}`).sort())
    expect(told.length).toBeLessThan(50)
    expect(stand.strategy.isLate!(publisher.peer)).toBe(false)
  })

  test('keeps its own copy of a prefix', () => {
    const stand = new Stand(type)
    const topic = prefix('a')
    stand.strategy.subscribe!(topic)
    topic.fill('z')
    expect(stand.join('PUB').take()).toEqual([['\x01a']])
  })

  test('takes messages of its publishers in turn', () => {
    const stand = new Stand(type)
    stand.strategy.subscribe!(prefix(''))
    const [one, other] = [stand.join('PUB'), stand.join('PUB')]
    one.say('1')
    one.say('2')
    other.say('3')
    expect(stand.receiveAll().length).toBe(3)
  })
})

describe('SUB', () => {
  test('yields only what it is subscribed to, also while a cancellation is on its way', () => {
    const stand = new Stand('SUB')
    const publisher = stand.join('PUB')
    stand.strategy.subscribe!(prefix('a'))
    stand.strategy.subscribe!(prefix('b'))
    for (const topic of ['a1', 'b1', 'c1']) publisher.say(topic, 'body')
    stand.strategy.unsubscribe!(prefix('b'))
    publisher.say('a2')
    expect(stand.receiveAll()).toEqual([['a1', 'body'], ['a2']])
  })
})

describe('XSUB', () => {
  test('subscribes and cancels by messages of one part that begin with 1 or 0', () => {
    const stand = new Stand('XSUB')
    const publisher = stand.join('XPUB')
    stand.send('\x01a')
    stand.send('\x00a')
    expect(publisher.take()).toEqual([['\x01a'], ['\x00a']])
    expect(stand.join('XPUB').take()).toEqual([])
  })

  test('sends all else to every publisher that has room', () => {
    const stand = new Stand('XSUB')
    const [small, large] = [stand.join('XPUB', { mark: 1 }), stand.join('XPUB')]
    expect([stand.send('1'), stand.send('2', 'x')]).toEqual(['taken', 'taken'])
    expect(small.take()).toEqual([['1']])
    expect(large.take()).toEqual([['1'], ['2', 'x']])
    expect(stand.log).toContain('dropped: high-water-mark')
  })

  test('counts what a publisher has not read when it disconnects, and what finds no publisher', () => {
    const stand = new Stand('XSUB')
    const publisher = stand.join('XPUB')
    stand.strategy.subscribe!(prefix('a'))
    for (const word of ['1', '2']) stand.send(word)
    publisher.leave()
    expect(stand.log).toEqual(['dropped: no-peer', 'dropped: no-peer'])
    stand.send('3')
    expect(stand.log).toHaveLength(3)
  })
})
