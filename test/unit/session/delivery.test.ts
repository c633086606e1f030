/** What PINGs and PONGs prove of what was delivered. */
import { describe, expect, test } from 'vitest'
import { Delivery } from '../../../src/session/delivery.ts'

describe('Delivery', () => {
  test('is what had been written when the answered PING was sent', () => {
    const delivery = new Delivery()
    delivery.written = 5
    const context = delivery.context()
    delivery.written = 8
    delivery.answered(context)
    expect([delivery.covered, delivery.uncovered]).toEqual([5, 3])
    expect(delivery.roundTrip).toBeGreaterThanOrEqual(0)
  })

  test('knows a question that nothing unread can hold up, until it is answered', () => {
    const delivery = new Delivery()
    delivery.written = 5
    const behind = delivery.context()
    expect(delivery.owed).toBe(false)
    delivery.answered(behind)
    const free = delivery.context()
    delivery.written = 8
    expect(delivery.owed).toBe(true)
    delivery.context()
    expect(delivery.owed).toBe(true)
    delivery.answered(free)
    expect(delivery.owed).toBe(false)
  })

  test('fits the context that RFC 37 allows a PING', () => {
    expect(new Delivery().context().length).toBeLessThanOrEqual(16)
  })

  test('never goes back, nor beyond what was written, nor by a context that is not ours', () => {
    const delivery = new Delivery()
    delivery.written = 5
    const five = delivery.context()
    delivery.answered(five)
    const forged = (count: number, sent: number) => {
      const context = Buffer.alloc(16)
      context.writeDoubleBE(count)
      context.writeDoubleBE(sent, 8)
      return context
    }
    const now = performance.now()
    const contexts = [forged(3, 0), forged(6, 0), forged(NaN, 0), forged(4.5, 0), forged(5, now + 60_000)]
    for (const context of [
      ...contexts,
      forged(5, NaN),
      Buffer.alloc(0),
      Buffer.alloc(15),
      Buffer.alloc(17),
    ]) {
      delivery.answered(context)
      expect(delivery.covered).toBe(5)
      expect(delivery.roundTrip).toBeLessThan(10_000)
    }
  })

  test('is waited for up to a count, and fails with the connection', async () => {
    const delivery = new Delivery()
    const order: string[] = []
    const note = (word: string) => () => order.push(word)
    const [two, three] = [delivery.until(2).then(note('two')), delivery.until(3).then(note('three'))]
    delivery.reached(1)
    expect(delivery.awaited).toBe(true)
    delivery.reached(2)
    await two
    delivery.reached(4)
    await three
    expect([order, delivery.awaited]).toEqual([['two', 'three'], false])
    const lost = delivery.until(5)
    delivery.fail(new Error('the connection was lost'))
    await expect(lost).rejects.toThrow('the connection was lost')
  })
})
