/** Pauses between attempts. */
import { describe, expect, test } from 'vitest'
import { Backoff } from '../../../src/engine/backoff.ts'

describe('A backoff', () => {
  test('doubles its pauses up to the longest, each between half and all of what is due', () => {
    for (let run = 0; run < 50; run++) {
      const backoff = new Backoff(100, 5000)
      for (const due of [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]) {
        const pause = backoff.next()
        expect(pause).toBeGreaterThanOrEqual(due / 2)
        expect(pause).toBeLessThanOrEqual(due)
      }
      expect(backoff.attempt).toBe(9)
    }
  })

  test('begins anew after a success', () => {
    const backoff = new Backoff(100, 5000)
    for (let attempt = 0; attempt < 10; attempt++) backoff.next()
    backoff.reset()
    expect(backoff.attempt).toBe(0)
    expect(backoff.next()).toBeLessThanOrEqual(100)
  })

  test('goes to its longest pause at once for a peer that has refused us', () => {
    const backoff = new Backoff(100, 5000)
    expect(backoff.last()).toBeGreaterThanOrEqual(2500)
    expect(backoff.attempt).toBe(1)
  })

  test('is never shorter than its first pause, nor longer than a timer can wait', () => {
    expect(new Backoff(1000, 10).next()).toBeGreaterThanOrEqual(500)
    const endless = new Backoff(100, Infinity)
    for (let attempt = 0; attempt < 2000; attempt++) {
      const pause = endless.next()
      expect(pause).toBeLessThan(2 ** 31)
      expect(Number.isInteger(pause)).toBe(true)
    }
    expect(new Backoff(Infinity, Infinity).last()).toBeLessThan(2 ** 31)
  })
})
