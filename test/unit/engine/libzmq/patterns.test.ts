/** Every pattern through the public classes, with libzmq at one end or both. */
import { describe, expect, test } from 'vitest'
import { raw } from '../../../../src/codec/raw.ts'
import { partsOf } from '../../../../src/message.ts'
import { Dealer } from '../../../../src/sockets/dealer.ts'
import { Pair } from '../../../../src/sockets/pair.ts'
import { proxy } from '../../../../src/sockets/proxy.ts'
import { Publisher, Subscriber } from '../../../../src/sockets/pub-sub.ts'
import { Pull, Push } from '../../../../src/sockets/push-pull.ts'
import { Reply } from '../../../../src/sockets/reply.ts'
import { Request } from '../../../../src/sockets/request.ts'
import { Router } from '../../../../src/sockets/router.ts'
import { XPublisher, XSubscriber } from '../../../../src/sockets/xpub-xsub.ts'
import { crosswise, endpoints, engine } from './support.ts'

const cases = crosswise.flatMap(pair => [
  { ...pair, transport: 'tcp', endpoint: endpoints.tcp },
  { ...pair, transport: 'ipc', endpoint: endpoints.ipc },
])
cases.push({
  name: 'libzmq with libzmq',
  here: engine,
  there: engine,
  transport: 'inproc',
  endpoint: endpoints.inproc,
})

describe.each(cases)('$name over $transport', ({ here, there, endpoint }) => {
  test('Push and Pull keep values and their order', async () => {
    await using push = new Push<{ id: number }>({ engine: here })
    await using pull = new Pull<{ id: number }>({ engine: there })
    push.connect(await pull.bind(endpoint()))
    const sent = Promise.all(Array.from({ length: 500 }, (_, id) => push.send({ id })))
    const ids: number[] = []
    for await (const { id } of pull) if (ids.push(id) === 500) break
    await sent
    expect(ids).toEqual(Array.from({ length: 500 }, (_, id) => id))
  })

  test('a message of many parts and sizes arrives whole', async () => {
    await using push = new Push({ engine: here, codec: raw })
    await using pull = new Pull({ engine: there, codec: raw })
    push.connect(await pull.bind(endpoint()))
    const parts = [0, 1, 127, 128, 129, 70_000].map(size => Buffer.alloc(size, size))
    await push.send(parts)
    const received = partsOf(await pull.receive({ timeout: 5000 }))
    expect(received.length).toBe(parts.length)
    expect(parts.every((part, index) => part.equals(received[index]!))).toBe(true)
  })

  test('Publisher sends to those who subscribed, once they have', async () => {
    await using publisher = new Publisher({ engine: here })
    await using prices = new Subscriber({ engine: there })
    await using all = new Subscriber({ engine: there })
    const bound = await publisher.bind(endpoint())
    prices.subscribe('price.')
    all.subscribe('')
    prices.connect(bound)
    all.connect(bound)
    await publisher.waitForSubscribers(2, 'price.eur', { timeout: 5000 })
    await publisher.send('news', 1)
    await publisher.send('price.eur', 2)
    expect(await prices.receive({ timeout: 5000 })).toMatchObject({ topic: 'price.eur', value: 2 })
    expect(await all.receive({ timeout: 5000 })).toMatchObject({ topic: 'news', value: 1 })
    expect(await all.receive({ timeout: 5000 })).toMatchObject({ topic: 'price.eur', value: 2 })
  })

  test('a Subscriber that unsubscribes gets no more', async () => {
    await using publisher = new Publisher({ engine: here })
    await using subscriber = new Subscriber({ engine: there })
    subscriber.subscribe('a', 'b')
    subscriber.connect(await publisher.bind(endpoint()))
    await publisher.waitForSubscribers(1, 'a', { timeout: 5000 })
    await publisher.waitForSubscribers(1, 'b', { timeout: 5000 })
    subscriber.unsubscribe('a')
    await publisher.send('a', 1)
    await publisher.send('b', 2)
    let { topic } = await subscriber.receive({ timeout: 5000 })
    // The cancellation may have been on its way.
    if (topic === 'a') topic = (await subscriber.receive({ timeout: 5000 })).topic
    expect(topic).toBe('b')
  })

  test('many requests are in flight at once, and each gets its own answer', async () => {
    await using request = new Request<number, number>({ engine: here })
    await using reply = new Reply<number, number>({ engine: there })
    request.connect(await reply.bind(endpoint()))
    const stop = new AbortController()
    const served = reply.serve(async value => value * 2, { concurrency: 10, signal: stop.signal })
    served.catch(() => {})
    const answers = await Promise.all(Array.from({ length: 50 }, (_, value) => request.request(value)))
    expect(answers).toEqual(Array.from({ length: 50 }, (_, value) => value * 2))
    stop.abort()
    await Promise.allSettled([served])
  })

  test('a strict Request asks one after the other', async () => {
    await using request = new Request<number, number>({ engine: here, strict: true })
    await using reply = new Reply<number, number>({ engine: there })
    request.connect(await reply.bind(endpoint()))
    const stop = new AbortController()
    const served = reply.serve(value => value + 1, { signal: stop.signal })
    served.catch(() => {})
    expect(await Promise.all([request.request(1), request.request(2)])).toEqual([2, 3])
    stop.abort()
    await Promise.allSettled([served])
  })

  test('Router answers the Dealer that wrote, by the name it gave itself', async () => {
    await using router = new Router<string, string>({ engine: here })
    await using dealer = new Dealer<string, string>({ engine: there, routingId: 'worker-1' })
    dealer.connect(await router.bind(endpoint()))
    await dealer.send('ready')
    const { peer, value } = await router.receive({ timeout: 5000 })
    expect([String(peer), value]).toEqual(['worker-1', 'ready'])
    await router.send(peer, 'go')
    expect(await dealer.receive({ timeout: 5000 })).toBe('go')
  })

  test('Pair talks both ways', async () => {
    await using one = new Pair<string>({ engine: here })
    await using two = new Pair<string>({ engine: there })
    one.connect(await two.bind(endpoint()))
    await one.send('hello')
    expect(await two.receive({ timeout: 5000 })).toBe('hello')
    await two.send('yes')
    expect(await one.receive({ timeout: 5000 })).toBe('yes')
  })

  test('XPublisher is shown the subscriptions of XSubscriber, and their end', async () => {
    await using publisher = new XPublisher({ engine: here })
    await using subscriber = new XSubscriber({ engine: there })
    subscriber.connect(await publisher.bind(endpoint()))
    subscriber.subscribe('topic')
    expect(await publisher.receive({ timeout: 5000 })).toMatchObject({ kind: 'subscribe', topic: 'topic' })
    await publisher.send('topic', 7)
    expect(await subscriber.receive({ timeout: 5000 })).toMatchObject({ topic: 'topic', value: 7 })
    subscriber.unsubscribe('topic')
    expect(await publisher.receive({ timeout: 5000 })).toMatchObject({ kind: 'unsubscribe', topic: 'topic' })
  })

  test('a proxy carries requests from one engine to the other', async () => {
    await using front = new Router({ engine: here, codec: raw })
    await using back = new Dealer({ engine: there, codec: raw })
    await using request = new Request<string, string>({ engine: there })
    await using reply = new Reply<string, string>({ engine: here })
    const stop = new AbortController()
    request.connect(await front.bind('tcp://127.0.0.1:0'))
    reply.connect(await back.bind('tcp://127.0.0.1:0'))
    const carried = proxy(front, back, { signal: stop.signal })
    const served = reply.serve(value => `${value}!`, { signal: stop.signal })
    carried.catch(() => {})
    served.catch(() => {})
    expect(await request.request('hey')).toBe('hey!')
    stop.abort()
    await Promise.allSettled([carried, served])
  })
})
