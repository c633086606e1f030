/** The turn: a budget of bytes and messages, renewed by the event loop. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Turn } from '../../../src/queue/turn.ts'

describe('A turn', () => {
  test('is over after 1 MiB, counting 256 bytes for each message', () => {
    const large = new Turn(() => {})
    large.spend(1024 * 1024 - 257)
    expect(large.over).toBe(false)
    large.spend(0)
    expect(large.over).toBe(true)
    const small = new Turn(() => {})
    let messages = 0
    while (!small.over) {
      small.spend(0)
      messages++
    }
    expect(messages).toBe(4096)
  })

  test('calls back once when the event loop has had its chance, and begins anew', async () => {
    let calls = 0
    const turn = new Turn(() => calls++)
    turn.spend(2 * 1024 * 1024)
    turn.spend(2 * 1024 * 1024)
    expect(calls).toBe(0)
    await nextTurn()
    expect([calls, turn.over]).toEqual([1, false])
    turn.spend(1000)
    expect(turn.over).toBe(false)
  })
})
