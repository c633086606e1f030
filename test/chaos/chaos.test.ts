/** A short run of chaos: whatever happens to processes and connections, the books balance. */
import { expect, test } from 'vitest'
import { chaos } from './run.ts'

const SECONDS = 30
const SEED = 20_251_122

test(`nothing is lost unnoticed in ${SECONDS} seconds of chaos`, { timeout: 180_000 }, async () => {
  const { findings, lines } = await chaos({ seconds: SECONDS, seed: SEED })
  expect(findings, lines.join('\n')).toEqual([])
})
