/** Subscriptions against a linear scan. */

import { describe, expect, test } from 'vitest'
import { Subscriptions } from '../../../src/routing/subscriptions.ts'
import { fc } from '../../support/property.ts'

/** Few letters, so that prefixes meet; a byte over 127 among them. */
const topic = fc
  .array(fc.constantFrom(0x61, 0x62, 0, 0xff), { maxLength: 5 })
  .map(bytes => Buffer.from(bytes))
const owner = fc.constantFrom('one', 'two', 'three')
const step = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'delete', 'match', 'match', 'leave'),
  topic,
  owner,
})

/** Pairs of owner and prefix, the prefix as a string of bytes. */
class Scan {
  pairs: [owner: string, prefix: string][] = []
  has(name: string, prefix: string): boolean {
    return this.pairs.some(pair => pair[0] === name && pair[1] === prefix)
  }
  holders(prefix: string): number {
    return this.pairs.filter(pair => pair[1] === prefix).length
  }
  match(key: string): string[] {
    return [
      ...new Set(this.pairs.filter(([, prefix]) => key.startsWith(prefix)).map(([name]) => name)),
    ].sort()
  }
}

describe('Subscriptions', () => {
  test('match like a linear scan', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const subscriptions = new Subscriptions<string>()
        const scan = new Scan()
        for (const { kind, topic: bytes, owner: name } of steps) {
          const key = bytes.toString('latin1')
          if (kind === 'add') {
            expect(subscriptions.add(bytes, name)).toBe(scan.holders(key) === 0)
            if (!scan.has(name, key)) scan.pairs.push([name, key])
          } else if (kind === 'delete') {
            const held = scan.has(name, key)
            scan.pairs = scan.pairs.filter(pair => pair[0] !== name || pair[1] !== key)
            expect(subscriptions.delete(bytes, name)).toBe(held && scan.holders(key) === 0)
          } else if (kind === 'leave') {
            const own = scan.pairs.filter(pair => pair[0] === name).map(pair => pair[1])
            scan.pairs = scan.pairs.filter(pair => pair[0] !== name)
            const gone = subscriptions.deleteAll(name).map(prefix => Buffer.from(prefix).toString('latin1'))
            expect(gone.sort()).toEqual(own.filter(prefix => scan.holders(prefix) === 0).sort())
          }
          expect([...subscriptions.match(bytes)].sort()).toEqual(scan.match(key))
          const held = scan.pairs.filter(pair => pair[0] === name)
          expect(subscriptions.bytes(name)).toBe(held.reduce((sum, [, prefix]) => sum + prefix.length, 0))
          expect(subscriptions.count(name)).toBe(held.length)
          const prefixes = new Set(scan.pairs.map(pair => pair[1]))
          expect(subscriptions.prefixes).toBe(prefixes.size)
          expect(subscriptions.prefixBytes).toBe([...prefixes].join('').length)
          expect(subscriptions.has(bytes)).toBe(prefixes.has(key))
          expect(subscriptions.owners).toBe(new Set(scan.pairs.map(pair => pair[0])).size)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('find topics longer than those that are remembered', () => {
    const subscriptions = new Subscriptions<string>()
    const long = Buffer.alloc(1000, 'x')
    subscriptions.add(long.subarray(0, 900), 'one')
    subscriptions.add(Buffer.from('y'), 'two')
    for (let again = 0; again < 2; again++) expect(subscriptions.match(long)).toEqual(['one'])
  })

  test('do not remember a topic by the buffer it came in', () => {
    const subscriptions = new Subscriptions<string>()
    subscriptions.add(Buffer.from('a'), 'one')
    subscriptions.add(Buffer.from('bb'), 'two')
    const topicBuffer = Buffer.from('ax')
    expect(subscriptions.match(topicBuffer)).toEqual(['one'])
    topicBuffer.fill('b')
    expect(subscriptions.match(topicBuffer)).toEqual(['two'])
    expect(subscriptions.match(Buffer.from('ax'))).toEqual(['one'])
  })

  test('leave a list of owners as it is for the caller that walks it', () => {
    const subscriptions = new Subscriptions<string>()
    const topic = Buffer.from('a')
    for (const name of ['one', 'two', 'three']) subscriptions.add(topic, name)
    const walked: string[] = []
    for (const name of subscriptions.match(topic)) {
      walked.push(name)
      subscriptions.deleteAll(name)
      subscriptions.add(topic, `after ${name}`)
    }
    expect(walked).toEqual(['one', 'two', 'three'])
    expect(subscriptions.match(topic)).toHaveLength(3)
    expect([...subscriptions.match(topic)].sort()).toEqual(['after one', 'after three', 'after two'])
  })

  test('cost an owner the same to join and to leave, however many others hold its prefixes', () => {
    const owners = Array.from({ length: 3000 }, (_, index) => ({ index }))
    const comeAndGo = (crowd: number) => {
      const begun = performance.now()
      const subscriptions = new Subscriptions<object>()
      for (const owner of owners) {
        const group = Math.floor(owner.index / crowd)
        for (let topic = 0; topic < 50; topic++) subscriptions.add(Buffer.from(`${group}.${topic}`), owner)
      }
      for (const owner of owners) subscriptions.deleteAll(owner)
      return performance.now() - begun
    }
    const small = comeAndGo(10)
    // 7 to 18 times as long when each change makes a new list of owners; less than once when it does not.
    expect(comeAndGo(3000) / small).toBeLessThan(3)
  })

  test('share the weight of a prefix among those who hold it', () => {
    const subscriptions = new Subscriptions<string>()
    for (const name of ['one', 'two']) subscriptions.add(Buffer.from('shared'), name)
    subscriptions.add(Buffer.from('own'), 'two')
    expect([...subscriptions.shares(() => 1)]).toEqual([
      ['one', 0.5],
      ['two', 1.5],
    ])
    expect(subscriptions.shares(length => length).get('two')).toBe(6)
  })
})
