/** The waiting list against a plain array, and what its promises do. */

import { describe, expect, test } from 'vitest'
import { type Waiting, WaitingList } from '../../../src/queue/waiting-list.ts'
import { fc } from '../../support/property.ts'

type Entry = Waiting<number, string>

function itemsOf(list: WaitingList<number, string>): number[] {
  const items: number[] = []
  for (let entry = list.first; entry !== undefined; entry = entry.next) items.push(entry.item)
  return items
}

describe('A waiting list', () => {
  test('keeps the order of arrival whatever is resolved, cancelled or moved', async () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'resolve', 'cancel', 'move', 'remove'),
      at: fc.nat(20),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
        const [list, other] = [new WaitingList<number, string>(), new WaitingList<number, string>()]
        const [model, moved]: [Entry[], Entry[]] = [[], []]
        const ended: Promise<unknown>[] = []
        for (const [index, { kind, at }] of steps.entries()) {
          const entry = model[at % Math.max(1, model.length)]
          if (kind === 'add') model.push(list.add(index))
          if (kind === 'add' || entry === undefined) continue
          model.splice(model.indexOf(entry), 1)
          if (kind === 'resolve') {
            entry.resolve('yes')
            ended.push(expect(entry.promise).resolves.toBe('yes'))
          } else if (kind === 'cancel') {
            expect(entry.cancel(new Error('no'))).toBe(true)
            expect(entry.cancel(new Error('again'))).toBe(false)
            ended.push(expect(entry.promise).rejects.toThrow('no'))
          } else if (kind === 'move') {
            other.append(entry)
            moved.push(entry)
          } else list.remove(entry)
          expect(itemsOf(list)).toEqual(model.map(({ item }) => item))
          expect(itemsOf(other)).toEqual(moved.map(({ item }) => item))
          expect([list.length, other.length]).toEqual([model.length, moved.length])
        }
        await Promise.all(ended)
      }),
    )
  })

  test('rejects all that wait when it is cancelled as a whole', async () => {
    const list = new WaitingList<number, void>()
    const waiting = [1, 2, 3].map(item => list.add(item).promise)
    list.cancelAll(new Error('closed'))
    expect(list.length).toBe(0)
    for (const promise of waiting) await expect(promise).rejects.toThrow('closed')
  })

  test('ignores the removal of an operation that waits elsewhere', () => {
    const [one, other] = [new WaitingList<number, void>(), new WaitingList<number, void>()]
    const entry = one.add(1)
    other.remove(entry)
    expect([one.length, other.length]).toEqual([1, 0])
  })
})
