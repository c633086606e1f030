/** Receives: in order of asking, and no message is ever eaten. */
import { describe, expect, test } from 'vitest'
import { Receives } from '../../../src/engine/zmtp/receives.ts'
import { ClosedError, StateError, TimeoutError } from '../../../src/errors.ts'
import type { Message } from '../../../src/message.ts'
import type { RoutingStrategy } from '../../../src/routing/routing-strategy.ts'
import { freshEndpoint, open, words } from './opened.ts'

/** A strategy that only receives, from a list. */
function listOf(...messages: string[]): RoutingStrategy & { readonly list: string[] } {
  return {
    list: messages,
    attach() {},
    detach() {},
    readable() {},
    receive(): Message | undefined {
      const next = this.list.shift()
      return next === undefined ? undefined : Buffer.from(next)
    },
  } as RoutingStrategy & { readonly list: string[] }
}

describe('Receives', () => {
  test('take what is there without a promise', () => {
    const receiver = new Receives(listOf('a'))
    expect(receiver.receive()).toEqual(Buffer.from('a'))
    expect(receiver.tryReceive()).toBeUndefined()
  })

  test('that wait are served in the order in which they were called', async () => {
    const strategy = listOf()
    const receiver = new Receives(strategy)
    const waiting = [receiver.receive(), receiver.receive(), receiver.receive()]
    strategy.list.push('a', 'b', 'c', 'd')
    receiver.deliver()
    expect((await Promise.all(waiting)).map(String)).toEqual(['a', 'b', 'c'])
    expect(strategy.list).toEqual(['d'])
  })

  test('that wait come before those that only try', () => {
    const strategy = listOf()
    const receiver = new Receives(strategy)
    void receiver.receive()
    strategy.list.push('a')
    expect(receiver.tryReceive()).toBeUndefined()
    expect(strategy.list).toEqual(['a'])
  })

  test('that were aborted or timed out eat no message', async () => {
    const strategy = listOf()
    const receiver = new Receives(strategy)
    const abort = new AbortController()
    const aborted = receiver.receive({ signal: abort.signal })
    const late = receiver.receive({ timeout: 1 })
    const third = receiver.receive()
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await expect(late).rejects.toThrow(TimeoutError)
    strategy.list.push('a')
    receiver.deliver()
    expect(await third).toEqual(Buffer.from('a'))
  })

  test('with a signal that is aborted already take nothing, even if a message is there', async () => {
    const strategy = listOf('a')
    const receiver = new Receives(strategy)
    const signal = AbortSignal.abort(new Error('before'))
    await expect(receiver.receive({ signal })).rejects.toThrow('before')
    expect(strategy.list).toEqual(['a'])
  })

  test('end with the socket, those to come too', async () => {
    const receiver = new Receives(listOf('a'))
    const strategy = listOf()
    const empty = new Receives(strategy)
    const waiting = empty.receive()
    empty.close(new ClosedError())
    receiver.close(new ClosedError())
    await expect(waiting).rejects.toThrow(ClosedError)
    await expect(receiver.receive()).rejects.toThrow(ClosedError)
    expect(() => receiver.tryReceive()).toThrow(ClosedError)
  })

  test('are refused where the pattern has none', () => {
    expect(() => new Receives({}).tryReceive()).toThrow(StateError)
  })

  test('lose nothing when taking a message lets the sender put the next one in at once', async () => {
    const endpoint = freshEndpoint()
    const push = open('PUSH', { sendHighWaterMark: 1 })
    push.connect(endpoint)
    const jobs = ['1', '2', '3', '4', '5', '6']
    const sends = jobs.map(job => push.send(Buffer.from(job)))
    const pull = open('PULL', { receiveHighWaterMark: 1 })
    const received = jobs.map(() => pull.receive({ timeout: 5_000 }))
    await pull.bind(endpoint)
    expect((await Promise.all(received)).map(message => words(message)[0])).toEqual(jobs)
    await Promise.all(sends)
  })
})
