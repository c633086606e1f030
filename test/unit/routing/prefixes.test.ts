/** Prefixes against a map and a linear scan, about the ends of blocks. */
import { describe, expect, test } from 'vitest'
import { Prefixes } from '../../../src/routing/prefixes.ts'
import { fc } from '../../support/property.ts'

/** Lengths about the ends of blocks of 512 bytes; alike, so that one is often the beginning of another. */
const prefix = fc
  .tuple(
    fc.constantFrom(0, 1, 2, 511, 512, 513, 1023, 1024, 1025, 1600),
    fc.constantFrom('', 'a', 'b', '\xff'),
  )
  .map(([length, end]) => 'a'.repeat(length) + end)
const step = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), prefix })

/** Milliseconds of the fastest of three. */
function fastest(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const begun = performance.now()
    work()
    return performance.now() - begun
  })
  return Math.min(...times)
}

describe('Prefixes', () => {
  test('are found like those of a map, and match like a linear scan', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const prefixes = new Prefixes<{ readonly of: string }>()
        const known = new Map<string, { readonly of: string }>()
        for (const { kind, prefix: key } of steps) {
          if (kind === 'delete') {
            prefixes.delete(key)
            known.delete(key)
          } else {
            const value = { of: key }
            prefixes.set(key, value)
            known.set(key, value)
          }
          for (const topic of [key, `${key}a`, key.slice(1), 'a'.repeat(2000)]) {
            expect(prefixes.get(topic)).toBe(known.get(topic))
            const expected = [...known.values()].filter(({ of }) => topic.startsWith(of))
            expect(new Set(prefixes.match(topic))).toEqual(new Set(expected))
            expect(prefixes.match(topic)).toHaveLength(expected.length)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  test('of more than 16 KiB cost no more than shorter ones: V8 hashes them by length alone', () => {
    const hold = (length: number) => () => {
      const prefixes = new Prefixes<number>()
      const bytes = Buffer.alloc(length, 'a')
      for (let number = 0; number < 700; number++) {
        bytes.writeUInt32BE(number, length - 4)
        prefixes.set(bytes.toString('latin1'), number)
      }
    }
    // 15 times as long, and more with more of them, when each is looked up as it is.
    expect(fastest(hold(16_384)) / fastest(hold(16_000))).toBeLessThan(4)
  })

  test('of thousands of lengths cost a topic that matches none no more than hundreds', () => {
    const ask = (lengths: number) => {
      const prefixes = new Prefixes<number>()
      for (let length = 1; length <= lengths; length++) prefixes.set('a'.repeat(length), length)
      return () => {
        for (let asked = 0; asked < 10; asked++) prefixes.match(`${asked}`.padEnd(6000, 'b'))
      }
    }
    // 60 times as long when a topic is looked up by each length.
    expect(fastest(ask(5000)) / fastest(ask(500))).toBeLessThan(6)
  })
})
