/** Sockets whose listeners use them, and meetings within the process at every moment. */
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  raw,
  Subscriber,
} from '../../src/index.ts'

describe('A listener may', () => {
  test('close its socket when an endpoint is unbound: the socket closes once', async () => {
    const pull = new Pull()
    const told: string[] = []
    pull.events.on('unbind', () => {
      told.push('unbind')
      void pull.close()
    })
    pull.events.on('close', () => told.push('close'))
    await pull.bind('tcp://127.0.0.1:0')
    await pull.close()
    expect(told).toEqual(['unbind', 'close'])
  })

  test('receive what has waited, and send, as soon as it is told of the peer', async () => {
    await using push = new Push({ codec: raw, linger: 0 })
    await using pull = new Pull({ codec: raw })
    push.connect('inproc://told-of')
    await push.send(Buffer.from('early'))
    const received = new Promise(resolve => pull.events.on('handshake', () => resolve(pull.tryReceive())))
    const sent = new Promise(resolve =>
      push.events.on('handshake', () => resolve(push.trySend(Buffer.from('now')))),
    )
    await pull.bind('inproc://told-of')
    expect([String(await received), await sent]).toEqual(['early', true])
  })

  test('let go of the newcomer while the peer whose name it takes is told of: no peer is left behind', async () => {
    await using router = new Router({ handover: true, linger: 0 })
    await using first = new Dealer({ routingId: 'x', linger: 0 })
    await using second = new Dealer({ routingId: 'x', linger: 0 })
    const endpoints = [await first.bind('tcp://127.0.0.1:0'), await second.bind('tcp://127.0.0.1:0')]
    const gone = once(second.events, 'disconnect')
    router.events.once('disconnect', () => {
      for (const endpoint of endpoints) router.disconnect(endpoint)
    })
    router.connect(endpoints[0]!)
    await router.connected()
    router.connect(endpoints[1]!)
    await gone
    expect(router.peers).toEqual([])
  })
})

describe('Within the process', () => {
  test('two sockets meet in the call of connect', async () => {
    await using router = new Router<string>()
    await using dealer = new Dealer({ routingId: 'd', linger: 0 })
    await router.bind('inproc://at-once')
    dealer.connect('inproc://at-once')
    expect([router.peers.length, dealer.peers.length]).toEqual([1, 1])
    expect(router.trySend('d', 'hello')).toBe(true)
    expect(dealer.tryReceive()).toBe('hello')
  })

  test('what a Dealer has sent ahead gets the form that a Reply wants', async () => {
    await using dealer = new Dealer<number, number>({ linger: 0 })
    await using reply = new Reply<number, number>()
    dealer.connect('inproc://ahead')
    for (let value = 1; value <= 5; value++) await dealer.send(value)
    const serving = reply.serve(value => value * 10)
    await reply.bind('inproc://ahead')
    const answers = await dealer.receiveMany(5)
    while (answers.length < 5) answers.push(await dealer.receive())
    expect(answers).toEqual([10, 20, 30, 40, 50])
    await reply.close()
    await serving
  })

  test('a Pair that dials two others keeps the first, and is told why', async () => {
    await using pair = new Pair({ linger: 0 })
    await using first = new Pair()
    await using second = new Pair()
    await first.bind('inproc://pair-1')
    await second.bind('inproc://pair-2')
    pair.connect('inproc://pair-1')
    const refused = once(pair.events, 'handshake:failed')
    pair.connect('inproc://pair-2')
    const [{ error, fatal }] = await refused
    expect([error.message, fatal]).toEqual(['this PAIR has its one peer already', true])
    expect([pair.peers.length, first.peers.length, second.peers.length]).toEqual([1, 1, 0])
  })

  test('a Router that dials two peers of one name keeps the first', async () => {
    await using router = new Router<string>({ linger: 0 })
    await using first = new Dealer({ routingId: 'x', linger: 0 })
    await using second = new Dealer({ routingId: 'x', linger: 0 })
    await first.bind('inproc://name-1')
    await second.bind('inproc://name-2')
    router.connect('inproc://name-1')
    const refused = once(router.events, 'handshake:failed')
    router.connect('inproc://name-2')
    const [{ error }] = await refused
    expect(error.message).toContain('is in use by another peer')
    await router.send('x', 'secret')
    expect([first.tryReceive(), second.tryReceive()]).toEqual(['secret', undefined])
  })

  test('a Subscriber with more topics than its Publisher allows leaves no peer behind', async () => {
    await using publisher = new Publisher({ maxSubscriptions: 2, linger: 0 })
    await using subscriber = new Subscriber({ linger: 0, reconnectInterval: 1, reconnectIntervalMax: 1 })
    await publisher.bind('inproc://too-many')
    for (const topic of ['a*', 'b*', 'c*']) subscriber.subscribe(topic)
    let left = 0
    const often = new Promise<void>(resolve => {
      publisher.events.on('disconnect', () => {
        if (++left === 3) resolve()
      })
    })
    subscriber.connect('inproc://too-many')
    await often
    await turn()
    expect([subscriber.peers.length, publisher.peers.length]).toEqual([0, 0])
  })

  test('a send that waits goes on when a peer comes that adds its marks', async () => {
    await using push = new Push<number>({ sendHighWaterMark: 1, linger: 0 })
    await using pull = new Pull<number>()
    push.connect('inproc://wider')
    await push.send(1)
    const second = push.send(2)
    await pull.bind('inproc://wider')
    await second
    expect(push.peers[0]!.state).toBe('ready')
    expect([await pull.receive(), await pull.receive()]).toEqual([1, 2])
  })

  test('a socket that is closing ends when a peer comes for what it has left, and has not read it', async () => {
    const push = new Push<number>({ linger: Infinity })
    await using pull = new Pull<number>()
    push.connect('inproc://late')
    for (const value of [1, 2, 3]) await push.send(value)
    const closing = push.close()
    await pull.bind('inproc://late')
    expect((await closing).dropped).toBe(0)
    expect(await pull.receiveMany(3)).toEqual([1, 2, 3])
  })

  test('another that a listener lets in before is no reason to let in two', async () => {
    await using pair = new Pair<number>({ linger: 0 })
    await using first = new Pair<number>({ linger: 0 })
    await using second = new Pair<number>({ linger: 0 })
    await pair.bind('inproc://taken')
    first.events.once('handshake', () => second.connect('inproc://taken'))
    first.connect('inproc://taken')
    expect(pair.peers).toHaveLength(1)
    expect(second.peers).toHaveLength(1)
  })

  test('what has waited is for the next one when a listener lets go of the first', async () => {
    await using push = new Push<string>({ linger: 0 })
    await using first = new Pull<string>()
    await using second = new Pull<string>()
    push.connect('inproc://let-go')
    await push.send('one')
    await push.send('two')
    const gone = once(push.events, 'disconnect')
    push.events.once('handshake', () => push.disconnect('inproc://let-go'))
    await first.bind('inproc://let-go')
    await gone
    await second.bind('inproc://next')
    push.connect('inproc://next')
    expect([second.tryReceive(), second.tryReceive(), first.tryReceive()]).toEqual(['one', 'two', undefined])
  })
})

describe('Strict requests', () => {
  test('get their own answers when one that was just taken is aborted', async () => {
    await using reply = new Reply<string, string>()
    await using request = new Request<string, string>({ strict: true, immediate: true, linger: 0 })
    const endpoint = await reply.bind('tcp://127.0.0.1:0')
    const serving = reply.serve(value => `answer to ${value}`)
    const aborted = new AbortController()
    request.events.once('handshake', () => aborted.abort(new Error('aborted')))
    const first = expect(request.request('A', { signal: aborted.signal })).rejects.toThrow('aborted')
    const others = [request.request('B'), request.request('C')]
    request.connect(endpoint)
    await first
    expect(await Promise.all(others)).toEqual(['answer to B', 'answer to C'])
    await reply.close()
    await serving
  })

  test('stay one at a time when a listener aborts one whose time is over', async () => {
    await using reply = new Reply<string, string>()
    await using request = new Request<string, string>({ strict: true, linger: 0 })
    let [running, most] = [0, 0]
    const serving = reply.serve(async value => {
      if (value === 'A') await once(reply.events, 'disconnect')
      most = Math.max(most, ++running)
      await turn()
      running--
      return `answer to ${value}`
    })
    request.connect(await reply.bind('tcp://127.0.0.1:0'))
    await request.connected()
    const aborted = new AbortController()
    request.events.once('disconnect', () => aborted.abort(new Error('aborted')))
    const first = expect(request.request('A', { signal: aborted.signal, timeout: 50 })).rejects.toThrow()
    const others = ['B', 'C', 'D'].map(value => request.request(value))
    await first
    expect(await Promise.all(others)).toEqual(['answer to B', 'answer to C', 'answer to D'])
    expect(most).toBe(1)
    await reply.close()
    await serving
  })

  test('that are all too long are refused one by one, and the next one is asked', async () => {
    await using reply = new Reply<string, string>()
    await using request = new Request<string, string>({ strict: true, linger: 0, maxMessageSize: 1000 })
    const serving = reply.serve(value => value)
    request.connect(await reply.bind('tcp://127.0.0.1:0'))
    await request.connected()
    const first = request.request('first')
    const long = 'x'.repeat(2000)
    const nameOf = (error: Error) => error.name
    const refused = Array.from({ length: 20_000 }, () => request.request(long).then(() => 'answered', nameOf))
    const last = request.request('last')
    expect([await first, await last]).toEqual(['first', 'last'])
    expect(new Set(await Promise.all(refused))).toEqual(new Set(['MessageSizeError']))
    await reply.close()
    await serving
  })
})

describe('authenticate', () => {
  test('is not asked about a peer that has gone while it was held up', async () => {
    const asked: string[] = []
    await using pull = new Pull({
      maxDepartedBytes: 1,
      authenticate: ({ address }) => {
        asked.push(address)
        return true
      },
    })
    const endpoint = await pull.bind('tcp://127.0.0.1:0')
    const first = new Push()
    first.connect(endpoint)
    await first.connected()
    await first.send('left behind')
    const gone = once(pull.events, 'disconnect')
    await first.close()
    await gone
    const second = new Push({ linger: 0 })
    const accepted = once(pull.events, 'accept')
    second.connect(endpoint)
    await accepted
    while (pull.stats().departed!.holding === 0) await turn()
    await second.close()
    while (pull.stats().departed!.holding > 0) await turn()
    expect(asked).toHaveLength(1)
  })
})
