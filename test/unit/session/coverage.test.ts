/** Coverage: what PINGs and PONGs prove. */
import { describe, expect, test } from 'vitest'
import { Coverage } from '../../../src/session/coverage.ts'

describe('Coverage', () => {
  test('is what had been written when the answered PING was sent', () => {
    const coverage = new Coverage()
    coverage.written = 5
    const context = coverage.context()
    coverage.written = 8
    coverage.answered(context)
    expect([coverage.covered, coverage.uncovered]).toEqual([5, 3])
    expect(coverage.roundTrip).toBeGreaterThanOrEqual(0)
  })

  test('knows a question that nothing unread can hold up, until it is answered', () => {
    const coverage = new Coverage()
    coverage.written = 5
    const behind = coverage.context()
    expect(coverage.owed).toBe(false)
    coverage.answered(behind)
    const free = coverage.context()
    coverage.written = 8
    expect(coverage.owed).toBe(true)
    coverage.context()
    expect(coverage.owed).toBe(true)
    coverage.answered(free)
    expect(coverage.owed).toBe(false)
  })

  test('fits the context that RFC 37 allows a PING', () => {
    expect(new Coverage().context().length).toBeLessThanOrEqual(16)
  })

  test('never goes back, nor beyond what was written, nor by a context that is not ours', () => {
    const coverage = new Coverage()
    coverage.written = 5
    const five = coverage.context()
    coverage.answered(five)
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
      coverage.answered(context)
      expect(coverage.covered).toBe(5)
      expect(coverage.roundTrip).toBeLessThan(10_000)
    }
  })
})
