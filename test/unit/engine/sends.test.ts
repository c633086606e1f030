/** Sends: taken at once or in order, held where they must wait, and never lost between two turns of the event loop. */
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Sends } from '../../../src/engine/zmtp/sends.ts'
import {
  ClosedError,
  InvalidMessageError,
  MessageSizeError,
  OptionError,
  StateError,
  TimeoutError,
  UnroutableError,
} from '../../../src/errors.ts'
import type { Message } from '../../../src/message.ts'
import { completeOptions } from '../../../src/options.ts'
import type { RoutingStrategy, Sent } from '../../../src/routing/routing-strategy.ts'
import type { WholeSocket } from '../../support/whole.ts'
import { freshEndpoint, open, receiveAll, words } from './opened.ts'

/** A strategy that takes as many messages as it has room for. */
class Room implements RoutingStrategy {
  readonly taken: string[] = []
  room = 0
  otherwise: Sent = 'full'

  attach(): void {}
  detach(): void {}
  readable(): void {}

  send(message: Message): Sent {
    if (this.room === 0) return this.otherwise
    this.room--
    this.taken.push(words(message).join())
    return 'taken'
  }
}

function sendsOf(strategy: RoutingStrategy, options: object = {}): Sends<Message> {
  return new Sends(strategy, completeOptions(options))
}

describe('Sends', () => {
  test('that are taken at once share one promise', () => {
    const strategy = new Room()
    strategy.room = 2
    const sends = sendsOf(strategy)
    expect(sends.send(Buffer.from('a'))).toBe(sends.send(Buffer.from('b')))
    expect(strategy.taken).toEqual(['a', 'b'])
  })

  test('that wait go out in the order in which they were called, before newer ones', async () => {
    const strategy = new Room()
    const sends = sendsOf(strategy)
    const waiting = ['a', 'b', 'c'].map(word => sends.send(Buffer.from(word)))
    strategy.room = 2
    sends.retry()
    await Promise.all(waiting.slice(0, 2))
    strategy.room = 2
    expect(sends.trySend(Buffer.from('d'))).toBe(false)
    const last = sends.send(Buffer.from('e'))
    sends.retry()
    await Promise.all([waiting[2], last])
    expect(strategy.taken).toEqual(['a', 'b', 'c', 'e'])
  })

  test('that were aborted or timed out were not sent', async () => {
    const strategy = new Room()
    const sends = sendsOf(strategy)
    const abort = new AbortController()
    const aborted = sends.send(Buffer.from('a'), { signal: abort.signal })
    const late = sends.send(Buffer.from('b'), { timeout: 1 })
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    await expect(late).rejects.toThrow(TimeoutError)
    strategy.room = 9
    sends.retry()
    expect(strategy.taken).toEqual([])
  })

  test('with a wrong time-out or an aborted signal are refused before they begin', async () => {
    const strategy = new Room()
    strategy.room = 9
    const sends = sendsOf(strategy)
    await expect(sends.send(Buffer.from('a'), { timeout: -1 })).rejects.toThrow(OptionError)
    const signal = AbortSignal.abort(new Error('before'))
    await expect(sends.send(Buffer.from('a'), { signal })).rejects.toThrow('before')
    expect(strategy.taken).toEqual([])
  })

  test('end with the socket', async () => {
    const sends = sendsOf(new Room())
    const waiting = sends.send(Buffer.from('a'))
    sends.close(new ClosedError())
    await expect(waiting).rejects.toThrow(ClosedError)
    await expect(sends.send(Buffer.from('b'))).rejects.toThrow(ClosedError)
    expect(() => sends.trySend(Buffer.from('c'))).toThrow(ClosedError)
  })

  test('over the limits are refused, also by trySend', async () => {
    const strategy = new Room()
    strategy.room = 9
    const sends = sendsOf(strategy, { maxMessageSize: 3, maxParts: 2 })
    const part = Buffer.from('x')
    await sends.send([part, part])
    await expect(sends.send(Buffer.from('long'))).rejects.toThrow(MessageSizeError)
    await expect(sends.send([part, part, part])).rejects.toThrow(MessageSizeError)
    expect(() => sends.trySend(Buffer.from('long'))).toThrow(MessageSizeError)
    expect(strategy.taken).toEqual(['x,x'])
  })

  test('are refused where the pattern has none', async () => {
    const sends = sendsOf({ attach() {}, detach() {}, readable() {} })
    await expect(sends.send(Buffer.from('a'))).rejects.toThrow(StateError)
    expect(() => sends.trySend(Buffer.from('a'))).toThrow(StateError)
  })

  test('that nobody can be given reject with their message', async () => {
    const strategy = new Room()
    const sends = sendsOf(strategy)
    const message = [Buffer.from('id'), Buffer.from('body')]
    for (const sent of ['unroutable', 'refused'] as const) {
      strategy.otherwise = sent
      const error = await sends.send(message).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(UnroutableError)
      expect((error as UnroutableError).undelivered).toBe(message)
      expect(() => sends.trySend(message)).toThrow(UnroutableError)
    }
  })

  test('in a tight loop let the event loop have its turn', async () => {
    const strategy = new Room()
    strategy.room = Infinity
    const sends = sendsOf(strategy)
    let turns = 0
    const immediate = () => {
      turns++
      if (strategy.taken.length < 20_000) setImmediate(immediate)
    }
    setImmediate(immediate)
    const body = Buffer.alloc(16)
    for (let sent = 0; sent < 20_000; sent++) await sends.send(body)
    // 1 MiB a turn, 272 bytes a message.
    expect(turns).toBeGreaterThan(3)
  })

  test('without any part are refused', async () => {
    const strategy = new Room()
    strategy.room = 9
    const sends = sendsOf(strategy)
    await expect(sends.send([])).rejects.toThrow(InvalidMessageError)
    expect(() => sends.trySend([])).toThrow(InvalidMessageError)
  })
})

describe('Sends of a Router that waits', () => {
  const body = Buffer.alloc(300_000)

  async function routed(mark: number): Promise<{ router: WholeSocket; dealer: WholeSocket }> {
    const endpoint = freshEndpoint()
    const router = open('ROUTER', { onFull: 'wait', sendHighWaterMark: mark })
    await router.bind(endpoint)
    const dealer = open('DEALER', { routingId: 'd', receiveHighWaterMark: 1 })
    dealer.connect(endpoint)
    await dealer.connected(1)
    return { router, dealer }
  }

  test('go on after the turn is over, and keep their order', async () => {
    const { router, dealer } = await routed(20)
    const numbers = Array.from({ length: 60 }, (_, at) => String(at))
    const sends = numbers.map(number => router.send([Buffer.from('d'), Buffer.from(number), body]))
    // Until the queue is full and all others wait for this one peer.
    for (let turns = 0; turns < 60; turns++) await turn()
    const received = (await receiveAll(dealer, 60)).map(([number]) => number)
    expect(received).toEqual(numbers)
    await Promise.all(sends)
  })

  test('reject when the peer they wait for goes', async () => {
    const { router, dealer } = await routed(1)
    const sends = [1, 2, 3].map(() => router.send([Buffer.from('d'), body]))
    await dealer.close()
    const ends = await Promise.allSettled(sends)
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect((ends[2] as PromiseRejectedResult).reason).toBeInstanceOf(UnroutableError)
  })

  test('never hold up another peer', async () => {
    const { router, dealer } = await routed(1)
    const other = open('DEALER', { routingId: 'o' })
    const endpoint = freshEndpoint()
    await router.bind(endpoint)
    other.connect(endpoint)
    await other.connected(1)
    const sends = [1, 2, 3].map(at => router.send([Buffer.from('d'), Buffer.from(String(at))]))
    await router.send([Buffer.from('o'), Buffer.from('through')])
    expect(await receiveAll(other, 1)).toEqual([['through']])
    expect(await receiveAll(dealer, 3)).toEqual([['1'], ['2'], ['3']])
    await Promise.all(sends)
  })

  test('of a routing id and nothing else are refused', async () => {
    const { router } = await routed(1)
    await expect(router.send(Buffer.from('d'))).rejects.toThrow(InvalidMessageError)
    expect(() => router.trySend(Buffer.from('d'))).toThrow(InvalidMessageError)
  })
})

describe('Sends of a Publisher that waits', () => {
  test('reach every subscriber in the order in which they were sent', async () => {
    const endpoint = freshEndpoint()
    const publisher = open('PUB', { onFull: 'wait', sendHighWaterMark: 1 })
    await publisher.bind(endpoint)
    const slow = open('SUB', { receiveHighWaterMark: 1 })
    const quick = open('SUB')
    for (const topic of ['slow', 'both']) slow.subscribe!(Buffer.from(topic))
    for (const topic of ['quick', 'both']) quick.subscribe!(Buffer.from(topic))
    slow.connect(endpoint)
    quick.connect(endpoint)
    await publisher.subscribed!(2, Buffer.from('both'))
    const sends = ['slow 1', 'slow 2', 'both 3', 'quick 4'].map(word => publisher.send(Buffer.from(word)))
    const received = receiveAll(quick, 2)
    for (let turns = 0; turns < 3; turns++) await turn()
    expect(await receiveAll(slow, 3)).toEqual([['slow 1'], ['slow 2'], ['both 3']])
    expect(await received).toEqual([['both 3'], ['quick 4']])
    await Promise.all(sends)
  })
})
