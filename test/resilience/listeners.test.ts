/** Listeners that throw, in a program that goes on after uncaught exceptions: what they throw is seen, and no socket takes harm. */
import { expect, it } from 'vitest'
import { Child } from '../support/child.ts'

it('a listener that throws at every event leaves a Push that dials on, binds that resolve, and what was thrown uncaught', async () => {
  await using child = new Child(new URL('./children/listeners.ts', import.meta.url))
  expect(await child.line()).toBe('one')
  expect(await child.line()).toBe('two')
  expect(await child.line()).toBe('withdrawn 1, missing: , others: ')
  await child.ended()
})
