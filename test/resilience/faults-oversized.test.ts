/** What arrives in one chunk with a message over the limit. */
import { expect, test } from 'vitest'
import { Stand } from '../hostile/stand.ts'
import { foreignOpening } from '../unit/session/sides.ts'
import { messageBytes } from '../unit/wire/streams.ts'

const TOO_LARGE = Buffer.from('0200000000ffffffff', 'hex')
const TOO_MANY_PARTS = Buffer.concat(Array.from({ length: 20 }, () => Buffer.from([1, 0])))

test.each([
  ['a message over the size limit', TOO_LARGE],
  ['a message of too many parts', TOO_MANY_PARTS],
])('what came before %s is received once', async (_, violation) => {
  await using stand = await Stand.open('PULL', 'NULL', { maxParts: 10 })
  const chunk = Buffer.concat([messageBytes(Buffer.from('before')), violation])
  const { received, violation: named } = await stand.visit([foreignOpening('PUSH'), chunk], false)
  expect(received).toEqual(['before'])
  expect(named).toMatch(/are allowed|more than 10 parts/)
})
