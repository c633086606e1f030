/** Changes of subscriptions: whatever is undone before it is read, the reader ends up with what is held. */
import { describe, expect, test } from 'vitest'
import { SubscriptionChanges } from '../../../src/routing/subscription-changes.ts'
import { fc } from '../../support/property.ts'

const step = fc.record({
  kind: fc.constantFrom('subscribe', 'subscribe', 'cancel', 'take'),
  topic: fc.constantFrom('', 'a', 'b', '\xff'),
})

/** What a reader believes is held. */
class Reader {
  readonly held = new Set<string>()

  take(changes: SubscriptionChanges): string | undefined {
    const change = changes.take()
    if (change === undefined) return undefined
    const topic = Buffer.from(change.subarray(1)).toString('latin1')
    if (change[0] === 1) this.held.add(topic)
    else expect(this.held.delete(topic)).toBe(true)
    return topic
  }
}

describe('Changes of subscriptions', () => {
  test.each([
    [0, false],
    [0, true],
    [3, false],
    [3, true],
  ])('tell the reader what is held in the end, beyond %i (repetitions: %s)', (messages, repeats) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const changes = new SubscriptionChanges({ messages, bytes: Infinity })
        const reader = new Reader()
        const held = new Set<string>()
        for (const { kind, topic } of steps) {
          const fresh = !held.has(topic)
          if (kind === 'take') reader.take(changes)
          else if (kind === 'cancel') {
            if (held.delete(topic)) changes.cancelled(Buffer.from(topic, 'latin1'))
          } else if (fresh || repeats) {
            held.add(topic)
            changes.subscribed(Buffer.from(topic, 'latin1'), fresh)
          }
        }
        let left = 0
        while (reader.take(changes) !== undefined) left++
        expect(reader.held).toEqual(held)
        expect(left).toBeLessThanOrEqual(messages + 5 * 2)
        expect(changes.next).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('are told one by one up to the marks', () => {
    const changes = new SubscriptionChanges({ messages: 10, bytes: 8 })
    for (let round = 0; round < 5; round++) {
      changes.subscribed(Buffer.from('a'), true)
      changes.cancelled(Buffer.from('a'))
    }
    const told = [changes.take(), changes.take(), changes.take(), changes.take(), changes.take()]
    expect(told.map(change => change && String(change))).toEqual([
      '\x01a',
      '\x00a',
      '\x01a',
      '\x00a',
      undefined,
    ])
  })

  test('beyond them are told in order, the oldest first', () => {
    const changes = new SubscriptionChanges()
    for (const topic of ['a', 'b', 'c']) changes.subscribed(Buffer.from(topic), true)
    changes.cancelled(Buffer.from('b'))
    expect([changes.take(), changes.take(), changes.take()]).toEqual([
      Buffer.from('\x01a'),
      Buffer.from('\x01c'),
      undefined,
    ])
  })
})
