/** The heartbeat, with clocks that the test turns. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Heartbeat } from '../../../src/session/heartbeat.ts'

class Owner {
  beats = 0
  readonly silences: number[] = []
  patience = 30
  /** Whether a beat asks for an answer. */
  asks = true
  progress = false

  beat(): boolean {
    this.beats++
    return this.asks
  }
  moved(): boolean {
    return this.progress
  }
  silent(patience: number): void {
    this.silences.push(patience)
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
    owner.patience = 1000
    const heartbeat = new Heartbeat(owner, 10)
    await vi.advanceTimersByTimeAsync(55)
    expect(owner.beats).toBe(5)
    heartbeat.stop()
    await vi.advanceTimersByTimeAsync(55)
    expect(owner.beats).toBe(5)
  })

  test('tells of a silence as long as its owner has patience', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10)
    await vi.advanceTimersByTimeAsync(39)
    expect(owner.silences).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(owner.silences).toEqual([30])
    heartbeat.stop()
  })

  test('takes any sign for life', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10)
    for (let elapsed = 0; elapsed < 500; elapsed += 20) {
      heartbeat.heard()
      await vi.advanceTimersByTimeAsync(20)
    }
    expect(owner.silences).toEqual([])
    heartbeat.stop()
  })

  test('takes a write for life that the system takes bit by bit', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10)
    owner.progress = true
    await vi.advanceTimersByTimeAsync(500)
    expect(owner.silences).toEqual([])
    owner.progress = false
    await vi.advanceTimersByTimeAsync(50)
    expect(owner.silences.length).toBeGreaterThan(0)
    heartbeat.stop()
  })

  test('does not count time in which silence does not count', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10)
    owner.patience = Infinity
    await vi.advanceTimersByTimeAsync(500)
    expect([owner.silences.length, owner.beats]).toEqual([0, 50])
    owner.patience = 30
    await vi.advanceTimersByTimeAsync(35)
    expect(owner.silences).toEqual([])
    await vi.advanceTimersByTimeAsync(20)
    expect(owner.silences.length).toBeGreaterThan(0)
    heartbeat.stop()
  })

  test('counts anew when silence counts for another reason', async () => {
    const owner = new Owner()
    const heartbeat = new Heartbeat(owner, 10)
    await vi.advanceTimersByTimeAsync(35)
    owner.patience = 40
    await vi.advanceTimersByTimeAsync(40)
    expect(owner.silences).toEqual([])
    await vi.advanceTimersByTimeAsync(15)
    expect(owner.silences).toEqual([40])
    heartbeat.stop()
  })

  test('gives no peer up that was not asked an interval ago', async () => {
    const owner = new Owner()
    owner.patience = 10
    owner.asks = false
    const heartbeat = new Heartbeat(owner, 10)
    await vi.advanceTimersByTimeAsync(50)
    expect(owner.silences).toEqual([])
    owner.asks = true
    await vi.advanceTimersByTimeAsync(15)
    expect(owner.silences).toEqual([])
    await vi.advanceTimersByTimeAsync(10)
    expect(owner.silences).toEqual([10])
    heartbeat.stop()
  })

  test('believes a sign that the event loop reads only after the timeout was found to be over', () => {
    for (const heard of [true, false]) {
      const owner = new Owner()
      const heartbeat = new Heartbeat(owner, 10)
      vi.advanceTimersByTime(39)
      // The tick that finds the silence; the verdict waits for one more turn of the event loop.
      vi.advanceTimersToNextTimer()
      expect([vi.getTimerCount(), owner.silences.length]).toEqual([2, 0])
      if (heard) heartbeat.heard()
      vi.advanceTimersToNextTimer()
      expect(owner.silences.length).toBe(heard ? 0 : 1)
      heartbeat.stop()
    }
  })

  test('beats without ever giving up when its owner is patient forever', async () => {
    const owner = new Owner()
    owner.patience = Infinity
    const heartbeat = new Heartbeat(owner, 10)
    await vi.advanceTimersByTimeAsync(1000)
    expect([owner.beats, owner.silences.length]).toEqual([100, 0])
    heartbeat.stop()
  })
})
