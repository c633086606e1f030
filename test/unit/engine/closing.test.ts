/** What becomes of messages when a socket closes. Over inproc and in memory, so that nothing depends on a kernel. */
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ZmtpEngine } from '../../../src/engine/zmtp/zmtp-engine.ts'
import { ClosedError } from '../../../src/errors.ts'
import { completeOptions } from '../../../src/options.ts'
import type { ByteTransport } from '../../../src/transport/transport.ts'
import { MemoryConnection } from '../session/memory-connection.ts'
import { foreignOpening } from '../session/sides.ts'
import { freshEndpoint, open, receiveAll } from './opened.ts'

describe('A socket that closes', () => {
  test('leaves an inproc peer what that can read already', async () => {
    const endpoint = freshEndpoint()
    const pull = open('PULL')
    await pull.bind(endpoint)
    const push = open('PUSH')
    push.connect(endpoint)
    await push.connected(1)
    await push.send(Buffer.from('a'))
    await push.send(Buffer.from('b'))
    expect(await push.close()).toEqual({ flushed: 0, dropped: 0 })
    expect(await receiveAll(pull, 2)).toEqual([['a'], ['b']])
  })

  test('leaves an inproc subscriber what was published, and a dealer its answer', async () => {
    const [news, desk] = [freshEndpoint(), freshEndpoint()]
    const publisher = open('PUB')
    const router = open('ROUTER')
    await publisher.bind(news)
    await router.bind(desk)
    const subscriber = open('SUB')
    const dealer = open('DEALER', { routingId: 'd' })
    subscriber.subscribe!(Buffer.from(''))
    subscriber.connect(news)
    dealer.connect(desk)
    await Promise.all([publisher.subscribed!(1), router.connected(1)])
    await publisher.send(Buffer.from('late news'))
    await router.send([Buffer.from('d'), Buffer.from('answer')])
    await Promise.all([publisher.close(), router.close()])
    expect(await receiveAll(subscriber, 1)).toEqual([['late news']])
    expect(await receiveAll(dealer, 1)).toEqual([['answer']])
    expect(publisher.stats().dropped).toEqual({})
  })

  test('leaves an inproc peer it disconnects from what that can read already', async () => {
    const endpoint = freshEndpoint()
    const pull = open('PULL')
    await pull.bind(endpoint)
    const push = open('PUSH')
    push.connect(endpoint)
    await push.connected(1)
    await push.send(Buffer.from('a'))
    push.disconnect(endpoint)
    expect(await receiveAll(pull, 1)).toEqual([['a']])
  })

  test('drops and counts what waits for a peer that never came', async () => {
    const push = open('PUSH')
    push.connect(freshEndpoint())
    await push.send(Buffer.from('a'))
    await push.send(Buffer.from('b'))
    expect(await push.close({ linger: 0 })).toEqual({ flushed: 0, dropped: 2 })
    expect(push.stats().dropped).toEqual({ linger: 2 })
  })

  test('drops what no write has begun; what a blocked write holds was given away, and is possibly lost', async () => {
    const connection = new MemoryConnection()
    const transport: ByteTransport = {
      kind: 'bytes',
      scheme: 'memory',
      check() {},
      listen: () => Promise.reject(new Error('this transport only dials')),
      dial: async () => connection,
    }
    const options = { ...completeOptions({}), security: undefined, authenticate: undefined }
    const push = new ZmtpEngine([() => transport]).open('PUSH', options)
    const connected = once(push.events, 'connect')
    push.connect('memory://peer')
    await connected
    connection.handler.reader.data(foreignOpening('PULL'))
    await push.connected(1)
    connection.blocked = true
    const send = (...words: string[]) => words.map(word => push.sink.send(Buffer.from(word)))
    send('written', 'written too')
    await new Promise(resolve => process.nextTick(resolve))
    send('queued', 'queued', 'queued')
    const lost = once(push.events, 'disconnect')
    connection.destroy = () => {
      queueMicrotask(() => connection.handler.closed())
    }
    expect(await push.close({ linger: 1 })).toEqual({ flushed: 2, dropped: 3 })
    expect(push.stats().dropped).toEqual({ linger: 3 })
    expect(await lost).toMatchObject([{ possiblyLost: 2 }])
  })

  test('leaves an inproc sender what it had not read, for the next peer', async () => {
    const endpoint = freshEndpoint()
    const first = open('PULL')
    await first.bind(endpoint)
    const push = open('PUSH', { reconnectInterval: 1 })
    push.connect(endpoint)
    await push.send(Buffer.from('a'))
    await first.connected(1)
    await first.close()
    const second = open('PULL')
    await second.bind(endpoint)
    expect(await receiveAll(second, 1)).toEqual([['a']])
  })

  test('rejects what waits, and everything after', async () => {
    const pull = open('PULL')
    const push = open('PUSH')
    const received = pull.receive()
    const sent = push.send(Buffer.from('a'))
    const connected = push.connected(1)
    await Promise.all([pull.close(), push.close()])
    await expect(received).rejects.toThrow(ClosedError)
    await expect(sent).rejects.toThrow(ClosedError)
    await expect(connected).rejects.toThrow(ClosedError)
    await expect(push.send(Buffer.from('b'))).rejects.toThrow(ClosedError)
    await expect(push.bind(freshEndpoint())).rejects.toThrow(ClosedError)
    expect(() => push.connect(freshEndpoint())).toThrow(ClosedError)
  })

  test('answers every call of close with the same report', async () => {
    const push = open('PUSH')
    expect(push.close()).toBe(push.close({ linger: 0 }))
    await push.close()
  })
})
