/** The ring against a plain array. */

import { describe, expect, test } from 'vitest'
import { Ring } from '../../../src/queue/ring.ts'
import { fc } from '../../support/property.ts'

type Step =
  | { readonly kind: 'push' | 'unshift'; readonly item: number }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'shift' | 'peek' | 'drain' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), item: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unshift' as const), item: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat(30) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('shift' as const, 'peek' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
)

/** Does one step to both and compares what they answer. */
function compare(ring: Ring<{ item: number }>, model: { item: number }[], taken: Step): void {
  switch (taken.kind) {
    case 'push':
    case 'unshift': {
      const item = { item: taken.item }
      ring[taken.kind](item)
      model[taken.kind](item)
      break
    }
    case 'remove': {
      const item = model[taken.at] ?? { item: -1 }
      expect(ring.remove(item)).toBe(model.indexOf(item))
      if (model.includes(item)) model.splice(model.indexOf(item), 1)
      break
    }
    case 'shift':
      expect(ring.shift()).toBe(model.shift())
      break
    case 'peek':
      expect(ring.peek()).toBe(model[0])
      break
    case 'drain':
      expect(ring.drain()).toEqual(model.splice(0))
  }
  expect(ring.length).toBe(model.length)
}

describe('A ring', () => {
  test('behaves like an array', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const ring = new Ring<{ item: number }>()
        const model: { item: number }[] = []
        for (const taken of steps) compare(ring, model, taken)
        expect(ring.drain()).toEqual(model)
      }),
    )
  })

  test('keeps its order while it grows far from where it began', () => {
    const ring = new Ring<number>()
    for (let item = 0; item < 5; item++) ring.push(item)
    for (let item = 0; item < 5; item++) ring.shift()
    for (let item = 0; item < 1000; item++) ring.push(item)
    expect(ring.drain()).toEqual(Array.from({ length: 1000 }, (_, at) => at))
  })
})
