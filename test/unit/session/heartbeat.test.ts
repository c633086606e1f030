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

  test('believes a sign that was waiting while our own event loop stood still', () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10, 30)
    // All timers that are due run before the event loop reads what has come in.
    vi.advanceTimersByTime(0)
    vi.setSystemTime(Date.now() + 100)
    vi.advanceTimersToNextTimer()
    vi.advanceTimersToNextTimer()
    vi.advanceTimersToNextTimer()
    heartbeat.heard()
    vi.runAllTicks()
    heartbeat.stop()
    expect(owner.silences).toBe(0)
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
