/** What libzmq's notices come to. */
import { describe, expect, test } from 'vitest'
import { Subscribers } from '../../../../src/engine/libzmq/subscribers.ts'

const subscribe = (topic: string) => Buffer.from(`\x01${topic}`)
const cancel = (topic: string) => Buffer.from(`\x00${topic}`)

describe('Subscribers', () => {
  test('are counted by prefix, the first and the last of each being news', () => {
    const subscribers = new Subscribers()
    expect(subscribers.note(subscribe('a'))).toBe(true)
    expect(subscribers.note(subscribe('a'))).toBe(false)
    expect(subscribers.note(subscribe('ab'))).toBe(true)
    const counts = (topic?: string) => {
      const bytes = topic === undefined ? undefined : Buffer.from(topic)
      return [subscribers.certain(bytes), subscribers.possible(bytes)]
    }
    expect([counts(), counts('abc'), counts('ac'), counts('b')]).toEqual([
      [2, 3],
      [2, 3],
      [2, 2],
      [0, 0],
    ])
    expect(subscribers.note(cancel('a'))).toBe(false)
    expect(subscribers.note(cancel('a'))).toBe(true)
    expect([counts(), counts('ac')]).toEqual([
      [1, 1],
      [0, 0],
    ])
  })

  test('are counted however many topics they want', () => {
    const subscribers = new Subscribers()
    for (let topic = 0; topic < 200_000; topic++) subscribers.note(subscribe(`${topic}`))
    expect(subscribers.certain(undefined)).toBe(1)
    expect(subscribers.possible(undefined)).toBe(200_000)
  })
})
