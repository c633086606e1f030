/** The heartbeat, with clocks that the test turns. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Heartbeat } from '../../../src/session/heartbeat.ts'

class Owner {
  beats = 0
  silences = 0
  listening = true
  beat(): void {
    this.beats++
  }
  silent(): void {
    this.silences++
  }
}

describe('A heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('beats at its interval', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, 1000)
    await vi.advanceTimersByTimeAsync(55)
    expect(owner.beats).toBe(5)
    heartbeat.stop()
    await vi.advanceTimersByTimeAsync(55)
    expect(owner.beats).toBe(5)
  })

  test('tells of a silence as long as the time-out', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, 30)
    await vi.advanceTimersByTimeAsync(39)
    expect(owner.silences).toBe(0)
    await vi.advanceTimersByTimeAsync(10)
    expect(owner.silences).toBe(1)
    heartbeat.stop()
  })

  test('takes any sign for life', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, 30)
    for (let elapsed = 0; elapsed < 500; elapsed += 20) {
      heartbeat.heard()
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(owner.silences).toBe(0)
    heartbeat.stop()
  })

  test('does not count time in which nobody listens', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, 30)
    owner.listening = false
    await vi.advanceTimersByTimeAsync(500)
    expect([owner.silences, owner.beats]).toEqual([0, 50])
    owner.listening = true
    await vi.advanceTimersByTimeAsync(25)
    expect(owner.silences).toBe(0)
    await vi.advanceTimersByTimeAsync(20)
    expect(owner.silences).toBeGreaterThan(0)
    heartbeat.stop()
  })

  test('believes a sign that the event loop reads only after the time-out was found to be over', () => {
    for (const heard of [true, false]) {
      const owner = new Owner()
      const heartbeat = new Heartbeat(owner, 10, 30)
      vi.advanceTimersByTime(39)
      // The tick that finds the silence; the verdict waits for one more turn of the event loop.
      vi.advanceTimersToNextTimer()
      expect([vi.getTimerCount(), owner.silences]).toEqual([2, 0])
      if (heard) heartbeat.heard()
      vi.advanceTimersToNextTimer()
      expect(owner.silences).toBe(heard ? 0 : 1)
      heartbeat.stop()
    }
  })

  test('neither beats nor gives up when its interval is Infinity', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, Infinity, 30)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([owner.beats, owner.silences]).toEqual([0, 0])
    heartbeat.stop()
  })

  test('beats without ever giving up when its time-out is Infinity', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, Infinity)
    await vi.advanceTimersByTimeAsync(1000)
    expect([owner.beats, owner.silences]).toEqual([100, 0])
    heartbeat.stop()
  })
})
