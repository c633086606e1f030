/** The budget of bytes and messages that one turn of the event loop has. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { YieldBudget } from '../../src/yield-budget.ts'

describe('A yield budget', () => {
  test('is spent after 1 MiB, counting 256 bytes for each message', () => {
    const large = new YieldBudget(() => {})
    large.spend(1024 * 1024 - 257)
    expect(large.spent).toBe(false)
    large.spend(0)
    expect(large.spent).toBe(true)
    const small = new YieldBudget(() => {})
    let messages = 0
    while (!small.spent) {
      small.spend(0)
      messages++
    }
    expect(messages).toBe(4096)
  })

  test('calls back once when the event loop has had its chance, and begins anew', async () => {
    let calls = 0
    const budget = new YieldBudget(() => calls++)
    budget.spend(2 * 1024 * 1024)
    budget.spend(2 * 1024 * 1024)
    expect(calls).toBe(0)
    await nextTurn()
    expect([calls, budget.spent]).toEqual([1, false])
    budget.spend(1000)
    expect(budget.spent).toBe(false)
  })
})
