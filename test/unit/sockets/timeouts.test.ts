/** Time-outs of requests share timers: the order, the process they keep alive, and what remains of them. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Expiring, Timeouts } from '../../../src/sockets/timeouts.ts'

interface Operation extends Expiring {
  readonly name: string
}

const operation = (name: string, timeout: number): Operation => ({ name, timeout, due: 0 })

describe('Timeouts', () => {
  let expired: string[]
  let timeouts: Timeouts<Operation>

  beforeEach(() => {
    vi.useFakeTimers()
    expired = []
    timeouts = new Timeouts(({ name }) => expired.push(name), false)
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('each operation expires once, when its own time is over', () => {
    timeouts.start(operation('first', 100))
    vi.advanceTimersByTime(60)
    timeouts.start(operation('second', 100))
    timeouts.start(operation('short', 10))
    vi.advanceTimersByTime(10)
    expect(expired).toEqual(['short'])
    vi.advanceTimersByTime(30)
    expect(expired).toEqual(['short', 'first'])
    vi.advanceTimersByTime(59)
    expect(expired).toEqual(['short', 'first'])
    vi.advanceTimersByTime(1)
    expect(expired).toEqual(['short', 'first', 'second'])
    vi.advanceTimersByTime(1000)
    expect(expired).toHaveLength(3)
  })

  test('operations of one length share a timer, and what is stopped never expires', () => {
    const operations = Array.from({ length: 1000 }, (_, index) => operation(String(index), 100))
    for (const one of operations) timeouts.start(one)
    expect(vi.getTimerCount()).toBe(1)
    for (const one of operations.slice(1)) timeouts.stop(one)
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['0'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an operation that is started again has its whole time, also from within the expiry of another', () => {
    const again = operation('again', 100)
    timeouts = new Timeouts(one => {
      expired.push(one.name)
      if (expired.length === 1) timeouts.start(one)
    }, false)
    timeouts.start(again)
    vi.advanceTimersByTime(100)
    expect(expired).toEqual(['again'])
    vi.advanceTimersByTime(99)
    expect(expired).toEqual(['again'])
    vi.advanceTimersByTime(1)
    expect(expired).toEqual(['again', 'again'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an operation that never expires needs no timer, and clear leaves none', () => {
    timeouts.start(operation('patient', Infinity))
    expect(vi.getTimerCount()).toBe(0)
    timeouts.start(operation('gone', 100))
    timeouts.clear()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual([])
  })

  test('a timer keeps the process alive only while an operation runs, and never if unref was asked for', () => {
    vi.useRealTimers()
    const alive = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    const before = alive()
    const one = operation('one', 10_000)
    timeouts.start(one)
    expect(alive()).toBe(before + 1)
    timeouts.stop(one)
    expect(alive()).toBe(before)
    timeouts.start(one)
    expect(alive()).toBe(before + 1)
    timeouts.clear()
    const quiet = new Timeouts<Operation>(() => {}, true)
    quiet.start(one)
    expect(alive()).toBe(before)
    quiet.clear()
  })

  test('expire a thousand in a turn, and the others soon after', () => {
    for (let at = 0; at < 2500; at++) timeouts.start(operation(String(at), 100))
    vi.advanceTimersToNextTimer()
    expect(expired).toHaveLength(1000)
    vi.advanceTimersToNextTimer()
    expect(expired).toHaveLength(2000)
    vi.advanceTimersByTime(5)
    expect(expired).toEqual(Array.from({ length: 2500 }, (_, at) => String(at)))
  })
})
