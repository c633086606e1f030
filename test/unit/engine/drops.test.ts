/** Drops: every one counted, few of them told. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Drops } from '../../../src/engine/drops.ts'
import { createEvents } from '../../../src/engine/events.ts'

/** The end of the tick. */
const tick = () => new Promise<void>(resolve => process.nextTick(resolve))

function recorded() {
  const events = createEvents()
  const told: [cause: string, count: number][] = []
  events.on('message:dropped', ({ cause, count }) => told.push([cause, count]))
  return { drops: new Drops(events), told }
}

describe('Drops', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('are counted by cause and in all', () => {
    const { drops } = recorded()
    drops.add('linger', 3, undefined)
    drops.add('no-peer', 1, undefined)
    drops.add('no-peer', 1, undefined)
    expect(drops.counts).toEqual({ linger: 3, 'no-peer': 2 })
    expect(drops.total).toBe(5)
  })

  test('of one tick are told together at its end', async () => {
    const { drops, told } = recorded()
    for (let dropped = 0; dropped < 100; dropped++) drops.add('high-water-mark', 1, undefined)
    expect(told).toEqual([])
    await tick()
    expect(told).toEqual([['high-water-mark', 100]])
  })

  test('of one cause are told at most once a second, and others beside them', async () => {
    const { drops, told } = recorded()
    drops.add('high-water-mark', 1, undefined)
    await tick()
    for (let elapsed = 0; elapsed < 1000; elapsed += 10) {
      drops.add('high-water-mark', 1, undefined)
      vi.advanceTimersByTime(10)
    }
    drops.add('linger', 1, undefined)
    await tick()
    expect(told).toEqual([
      ['high-water-mark', 1],
      ['high-water-mark', 100],
      ['linger', 1],
    ])
  })

  test('after a quiet second are told at once again', async () => {
    const { drops, told } = recorded()
    drops.add('no-peer', 1, undefined)
    await tick()
    vi.advanceTimersByTime(3000)
    drops.add('no-peer', 2, undefined)
    await tick()
    expect(told).toEqual([
      ['no-peer', 1],
      ['no-peer', 2],
    ])
  })

  test('that are still untold are told when the socket closes, and nothing after', async () => {
    const { drops, told } = recorded()
    drops.add('linger', 2, undefined)
    drops.close()
    await tick()
    vi.advanceTimersByTime(5000)
    expect(told).toEqual([['linger', 2]])
  })
})
