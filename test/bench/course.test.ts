/** When a measured run counts as settled, and what its figures are. */
import { expect, test } from 'vitest'
import { Course, costBetween } from '../../bench/course.ts'

const TIMING = { warmUp: 1000, patience: 6000, window: 1000 }

/** Feeds half-seconds of these rates; returns the course and how many of them it took. */
function run(rates: readonly number[], timing = TIMING): { course: Course; taken: number } {
  const course = new Course(timing)
  let count = 0
  course.add({ at: 0, count })
  for (const [index, rate] of rates.entries()) {
    count += rate / 2
    if (course.add({ at: (index + 1) * 500, count })) return { course, taken: index + 1 }
  }
  throw new Error('the course was not over')
}

test('measures the first second and the window after the rate has settled apart from each other', () => {
  const { course } = run([1000, 3000, 4000, 5000, 5100, 4900, 5000, 5000, 9999])
  expect(course.rates).toEqual({ cold: 2000, steady: 5000, settled: true })
})

test('begins the window once three successive half-seconds lie within a tenth', () => {
  expect(run([100, 100, 100, 100, 100]).taken).toBe(5)
  expect(run([100, 200, 300, 300, 300, 300, 300]).taken).toBe(7)
})

test('gives up waiting for a rate that never settles, and says so', () => {
  const restless = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 100 : 200))
  const { course, taken } = run(restless)
  expect(taken).toBe(14)
  expect(course.rates.settled).toBe(false)
})

test('keeps the least warm-up also when the rate is steady from the beginning', () => {
  expect(run(Array(12).fill(100), { ...TIMING, warmUp: 4000 }).taken).toBe(10)
})

test('tells the sample with which the window begins', () => {
  const course = new Course(TIMING)
  for (let half = 0; half < 4; half++) {
    course.add({ at: half * 500, count: half * 10 })
    expect(course.from?.at).toBe(half < 3 ? undefined : 1500)
  }
})

test('divides what a process has used by its own messages', () => {
  const from = { at: 0, count: 100, cpu: 1000, faults: 10, heap: 4000 }
  expect(costBetween(from, { at: 500, count: 300, cpu: 1400, faults: 10, heap: 104_000 })).toEqual({
    cpu: 2,
    faults: 0,
    heap: 500,
  })
  expect(costBetween({ at: 0, count: 0 }, { at: 500, count: 10 })).toEqual({})
  expect(costBetween(from, from)).toEqual({})
})
