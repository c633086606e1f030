/** Waits that end when a condition has become true. */
import { describe, expect, test } from 'vitest'
import { ConditionWaits } from '../../../src/engine/condition-waits.ts'
import { ClosedError, TimeoutError } from '../../../src/errors.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('A condition', () => {
  test('that holds already is not waited for', async () => {
    await new ConditionWaits().until(() => true, undefined, 'something')
  })

  test('ends its wait when it is found to hold, each for itself', async () => {
    const conditions = new ConditionWaits()
    let peers = 0
    const done: number[] = []
    const waits = [2, 1, 3].map(count =>
      conditions.until(() => peers >= count, undefined, 'peers').then(() => done.push(count)),
    )
    for (peers = 1; peers <= 3; peers++) {
      conditions.changed()
      await turn()
      expect(done.length).toBe(peers)
    }
    await Promise.all(waits)
    expect(done).toEqual([1, 2, 3])
  })

  test('is looked at once a turn of the event loop, however often something changes in it', async () => {
    const conditions = new ConditionWaits()
    let looks = 0
    let over = false
    const waits = Array.from({ length: 100 }, () =>
      conditions.until(
        () => {
          looks++
          return over
        },
        undefined,
        'the end',
      ),
    )
    for (let change = 0; change < 1000; change++) conditions.changed()
    await turn()
    expect(looks).toBe(200)
    over = true
    conditions.changed()
    await Promise.all(waits)
    expect(looks).toBe(300)
  })

  test('says what was waited for when its time is over', async () => {
    const waited = new ConditionWaits().until(() => false, { timeout: 1 }, '3 peers')
    await expect(waited).rejects.toThrow(TimeoutError)
    await expect(waited).rejects.toThrow('3 peers: not within 1 ms')
  })

  test('rejects with the reason of its signal', async () => {
    const abort = new AbortController()
    const waited = new ConditionWaits().until(() => false, { signal: abort.signal }, 'peers')
    abort.abort(new Error('enough'))
    await expect(waited).rejects.toThrow('enough')
  })

  test('rejects when the socket closes, and from then on', async () => {
    const conditions = new ConditionWaits()
    const waited = conditions.until(() => false, undefined, 'peers')
    conditions.close(new ClosedError())
    await expect(waited).rejects.toThrow(ClosedError)
    await expect(conditions.until(() => true, undefined, 'peers')).rejects.toThrow(ClosedError)
  })
})
