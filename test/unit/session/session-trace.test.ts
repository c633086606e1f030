/** Two ends that find out whether they have the same clock. */
import { expect, test } from 'vitest'
import { SAME_CLOCK } from '../../../src/queue/stamp.ts'
import { SessionTrace } from '../../../src/session/session-trace.ts'

const [one, other, third] = ['one', 'other', 'third'].map(salt => Buffer.from(salt)) as [
  Buffer,
  Buffer,
  Buffer,
]
const idOf = (trace: SessionTrace) => trace.clockId().subarray('\x08CLOCK-ID'.length)

test('Ends of the same clock know each other by what they say', () => {
  const [near, far] = [new SessionTrace(one, other), new SessionTrace(other, one)]
  expect(near.reading).toBe('unknown')
  near.identified(idOf(far))
  far.identified(idOf(near))
  expect([near.reading, far.reading]).toEqual([SAME_CLOCK.reading, SAME_CLOCK.reading])
})

test('What was said to another peer, or by ourselves, proves nothing', () => {
  const near = new SessionTrace(one, other)
  near.identified(idOf(new SessionTrace(other, third)))
  near.identified(idOf(near))
  expect(near.reading).toBe('unknown')
  const mirrored = new SessionTrace(one, one)
  mirrored.identified(idOf(mirrored))
  expect([mirrored.reading, mirrored.compares]).toEqual(['unknown', true])
})
