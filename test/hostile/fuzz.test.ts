/** Strangers that say what no peer would: every offset of recorded connections, 20,000 made-up cases, and all that ever failed. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Case } from './cases.ts'
import { fuzz, GROWTH } from './fuzz.ts'
import { type Protocol, recording } from './recording.ts'
import { type Spoil, spoil } from './spoil.ts'
import { Stand, type Victim } from './stand.ts'
import { Trial } from './trial.ts'

const COUNT = 20_000
/** Always the same strangers here; other seeds are for `npm run fuzz`. */
const SEED = 20_251_122
const CORPUS = new URL('../corpus/', import.meta.url)

describe('A socket', () => {
  test(`survives ${COUNT} strangers and serves an honest peer after each`, { timeout: 240_000 }, async () => {
    const { failure, growth } = await fuzz({ count: COUNT, seed: SEED })
    expect(failure).toBeUndefined()
    expect(growth).toBeLessThan(GROWTH)
  })

  test.each<[Protocol, Victim]>([
    ['3.1', 'ROUTER'],
    ['3.1', 'XPUB'],
    ['2.0', 'PULL'],
  ])(
    'survives a recorded connection of ZMTP %s to a %s that is spoilt at any offset',
    async (protocol, victim) => {
      await using stand = await Stand.open(victim, 'NULL')
      const recorded = recording(victim, protocol)
      for (let at = 0; at < recorded.length; at++) {
        const spoils: Spoil[] = [
          { how: 'flip', at, size: 1, value: at },
          { how: 'cut', at, size: 1, value: 0 },
        ]
        for (const one of spoils) await stand.visit([spoil(recorded, one)], true)
      }
    },
  )

  test.each(readdirSync(CORPUS))('survives the case %s, which once failed', async name => {
    await using trial = new Trial()
    await trial.try(JSON.parse(readFileSync(new URL(name, CORPUS), 'utf8')) as Case)
  })
})

describe.each(['PLAIN', 'CURVE'] as const)('A handshake of %s', mechanism => {
  test.each(['to-server', 'to-client'] as const)(
    'survives what is spoilt at any offset %s',
    async direction => {
      await using trial = new Trial()
      // Longer than either stream; each offset is met once in the made-up cases' long run, and every seventh here.
      for (let at = 0; at < (mechanism === 'CURVE' ? 900 : 250); at += 7) {
        for (const how of ['flip', 'cut'] as const) {
          const one: Spoil = { how, at: at + (how === 'cut' ? 3 : 0), size: 1, value: at }
          await trial.try({ target: 'tampered', victim: 'PULL', mechanism, direction, spoil: one })
        }
      }
    },
  )
})
