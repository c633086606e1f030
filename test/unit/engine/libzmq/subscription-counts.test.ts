/** Subscriptions of which libzmq does not tell whose they are. */
import { describe, expect, test } from 'vitest'
import { SubscriptionCounts } from '../../../../src/engine/libzmq/subscription-counts.ts'

const bytes = (topic: string) => Buffer.from(topic)

describe('SubscriptionCounts', () => {
  test('are counted by prefix', () => {
    const counts = new SubscriptionCounts()
    expect(counts.add(bytes('a'))).toBe(1)
    expect(counts.add(bytes('a'))).toBe(2)
    expect(counts.add(bytes('ab'))).toBe(1)
    const peers = (topic?: string) => {
      const of = topic === undefined ? undefined : bytes(topic)
      return [counts.certain(of), counts.possible(of)]
    }
    expect([peers(), peers('abc'), peers('ac'), peers('b')]).toEqual([
      [2, 3],
      [2, 3],
      [2, 2],
      [0, 0],
    ])
    expect(counts.delete(bytes('a'))).toBe(1)
    expect(counts.delete(bytes('a'))).toBe(0)
    expect(counts.delete(bytes('a'))).toBe(-1)
    expect([peers(), peers('ac')]).toEqual([
      [1, 1],
      [0, 0],
    ])
  })

  test('are counted however many topics they want', () => {
    const counts = new SubscriptionCounts()
    for (let topic = 0; topic < 200_000; topic++) counts.add(bytes(`${topic}`))
    expect(counts.certain(undefined)).toBe(1)
    expect(counts.possible(undefined)).toBe(200_000)
  })
})
