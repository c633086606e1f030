/** Listeners that throw: the exception is seen, and nothing else is disturbed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Emitter } from '../../src/emitter.ts'

type Listener = (...args: any[]) => void

describe('An Emitter', () => {
  let uncaught: unknown[]
  let others: Listener[]
  const note = (error: unknown) => uncaught.push(error)

  beforeEach(() => {
    uncaught = []
    others = process.listeners('uncaughtException') as Listener[]
    process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  })
  afterEach(() => {
    process.off('uncaughtException', note)
    for (const other of others) process.on('uncaughtException', other)
  })

  const turn = () => new Promise(resolve => setImmediate(resolve))
  const throwing = (word: string) => () => {
    throw word
  }

  test('calls every listener, and what they throw is uncaught', async () => {
    const events = new Emitter<{ news: [string]; other: [] }>()
    const heard: string[] = []
    events.on('news', throwing('first'))
    events.on('news', word => heard.push(word))
    events.on('news', throwing('third'))
    expect(events.emit('news', 'a')).toBe(true)
    expect(heard).toEqual(['a'])
    expect(uncaught).toEqual([])
    await turn()
    await turn()
    expect(uncaught).toEqual(['first', 'third'])
  })

  test('keeps order, `this`, once and what is taken off meanwhile, as any EventEmitter', async () => {
    const events = new Emitter<{ news: [] }>()
    const heard: string[] = []
    const second = () => heard.push('second')
    events.once('news', throwing('once'))
    events.on('news', () => {
      heard.push('first')
      events.off('news', second)
    })
    events.on('news', second)
    events.prependListener('news', function (this: unknown) {
      heard.push(this === events ? 'before' : 'nobody')
    })
    events.emit('news')
    expect(heard).toEqual(['before', 'first', 'second'])
    events.emit('news')
    expect(heard.slice(3)).toEqual(['before', 'first'])
    await turn()
    await turn()
    expect(uncaught).toEqual(['once'])
  })

  test('says whether anybody listens, and throws an error event that nobody hears', () => {
    const events = new Emitter<{ news: []; error: [Error] }>()
    expect(events.emit('news')).toBe(false)
    expect(() => events.emit('error', new Error('unheard'))).toThrow('unheard')
  })
})
