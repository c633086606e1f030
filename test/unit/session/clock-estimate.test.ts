import { describe, expect, test } from 'vitest'
import { hostTime } from '../../../src/queue/host-time.ts'
import { ClockEstimate } from '../../../src/session/clock-estimate.ts'

describe('The clock of another host', () => {
  test('is unknown at first', () => {
    expect(new ClockEstimate().reading).toBe('unknown')
  })

  test('is known to half a round trip', () => {
    const clock = new ClockEstimate()
    const now = hostTime()
    clock.add(now + 5000 - 10, now, 20)
    const { offset, uncertainty } = clock.reading as { offset: number; uncertainty: number }
    expect(offset).toBeCloseTo(5000, 5)
    expect(uncertainty).toBeGreaterThanOrEqual(10)
  })

  test('is told best by the shortest round trip', () => {
    const clock = new ClockEstimate()
    const now = hostTime()
    clock.add(now + 1000, now, 2)
    clock.add(now + 9000, now, 500)
    expect(clock.reading).toMatchObject({ offset: expect.closeTo(1001, 5) })
    clock.add(now + 1001, now, 1)
    expect(clock.reading).toMatchObject({ offset: expect.closeTo(1001.5, 5) })
  })

  test('is known less well with time, so that a newer answer counts in the end', () => {
    const clock = new ClockEstimate()
    const now = hostTime()
    const hour = 3_600_000
    clock.add(0, now - hour, 2)
    clock.add(now + 7, now, 500)
    expect(clock.reading).toMatchObject({ offset: expect.closeTo(257, 5) })
  })
})
