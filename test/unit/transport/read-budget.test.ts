/** A saturated connection gives the event loop its turn. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { mayReadOn } from '../../../src/transport/read-budget.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.runAllTimers()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('reads go on until their turn is over, and then wait for the next one', () => {
  const readOn: string[] = []
  expect(mayReadOn({ readOn: () => readOn.push('early') })).toBe(true)
  vi.advanceTimersByTime(0)
  expect(mayReadOn({ readOn: () => readOn.push('first of the turn') })).toBe(true)
  advanceClock(100)
  expect(mayReadOn({ readOn: () => readOn.push('one') })).toBe(false)
  expect(mayReadOn({ readOn: () => readOn.push('another') })).toBe(false)
  expect(readOn).toEqual([])
  vi.runAllTimers()
  expect(readOn).toEqual(['one', 'another'])
  expect(mayReadOn({ readOn: () => readOn.push('late') })).toBe(true)
})

/** Work that takes its time: the clock goes on, and the loop does not turn. */
function advanceClock(milliseconds: number): void {
  const now = performance.now() + milliseconds
  vi.spyOn(performance, 'now').mockReturnValue(now)
}
