/** Whether the machine was quiet while something was measured. */
import { expect, test } from 'vitest'
import { loadBetween, readTicks } from '../../bench/load.ts'
import { isQuiet, loadInWords } from '../../bench/report/machine.ts'

test('reads what the processors did from /proc/stat', () => {
  const text = 'cpu  100 1 20 5000 30 2 3 44 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n'
  expect(readTicks(text)).toEqual({ total: 5200, busy: 126, steal: 44 })
})

test('tells stolen time and the load of others from our own', () => {
  const before = { total: 0, busy: 0, steal: 0 }
  expect(loadBetween(before, { total: 1000, busy: 600, steal: 30 }, 500)).toEqual({
    steal: 0.03,
    foreign: 0.1,
  })
  expect(loadBetween(before, { total: 1000, busy: 500, steal: 0 }, 510)).toEqual({ steal: 0, foreign: 0 })
})

test('a machine is quiet when neither takes more than a twentieth', () => {
  expect(isQuiet({ steal: 0.05, foreign: 0.05 })).toBe(true)
  expect(isQuiet({ steal: 0.06, foreign: 0 })).toBe(false)
  expect(isQuiet({ steal: 0, foreign: 0.06 })).toBe(false)
  expect(isQuiet(undefined)).toBe(false)
})

test('says in its first words that the machine was not quiet', () => {
  expect(loadInWords({ steal: 0.2, foreign: 0 })).toMatch(/^NOT A QUIET MACHINE: the host took 20.0 %/)
  expect(loadInWords({ steal: 0, foreign: 0 })).toMatch(/^The machine was quiet/)
  expect(loadInWords(undefined)).toMatch(/cannot be seen/)
})
