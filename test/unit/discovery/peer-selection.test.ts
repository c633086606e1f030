import { describe, expect, it } from 'vitest'
import { drawFor, type SelectablePeer, select, settled } from '../../../src/discovery/peer-selection.ts'

const peer = (name: string, rest: Partial<SelectablePeer> = {}) => ({
  name,
  priority: 0,
  draw: 1,
  live: false,
  failing: false,
  ...rest,
})
const names = (chosen: Iterable<{ name: string }>) => [...chosen].map(each => each.name)

describe('the selection of peers', () => {
  it('takes all of the lowest priority number, and none of the others', () => {
    const peers = [
      peer('b', { priority: 2 }),
      peer('a1', { priority: 1 }),
      peer('a2', { priority: 1, draw: 2 }),
    ]
    expect(names(select(peers, Number.POSITIVE_INFINITY))).toEqual(['a1', 'a2'])
  })

  it('goes on to the next priority while nobody of the first can be reached', () => {
    const peers = [
      peer('a', { priority: 1, failing: true }),
      peer('b', { priority: 2 }),
      peer('c', { priority: 3 }),
    ]
    expect(names(select(peers, Number.POSITIVE_INFINITY))).toEqual(['a', 'b'])
  })

  it('lets another stand in for each that fails, up to the limit', () => {
    const peers = [peer('a', { failing: true }), peer('b', { draw: 2 }), peer('c', { draw: 3 })]
    expect(names(select(peers, 1))).toEqual(['a', 'b'])
  })

  it('does not exchange a live peer for another of its priority', () => {
    expect(names(select([peer('better', { draw: 0.1 }), peer('held', { live: true })], 1))).toEqual(['held'])
  })

  it('lets go of those that stood in only once the chosen ones are there', () => {
    const [first, second] = [peer('a'), peer('b', { live: true })]
    expect(settled(new Set([first]), 1)).toBe(false)
    expect(settled(new Set([first, second]), 2)).toBe(false)
    expect(settled(new Set([second]), 1)).toBe(true)
    expect(settled(new Set([{ ...first, live: true }, second]), Number.POSITIVE_INFINITY)).toBe(true)
    expect(settled(new Set(), 1)).toBe(false)
  })

  it('draws in proportion to the weights', () => {
    // A fixed sequence in place of chance: multiples of the golden ratio fill the unit interval evenly.
    let n = 0
    const next = () => (++n * 0.618033988749895) % 1
    const won = { three: 0, one: 0 }
    for (let round = 0; round < 4000; round++) {
      if (drawFor(3, next()) < drawFor(1, (n * 0.7548776662466927) % 1)) won.three++
      else won.one++
    }
    expect(won.three / 4000).toBeGreaterThan(0.7)
    expect(won.three / 4000).toBeLessThan(0.8)
  })

  it('gives weight zero a very small chance', () => {
    expect(drawFor(0, 0.5)).toBe(100 * drawFor(1, 0.5))
  })
})
