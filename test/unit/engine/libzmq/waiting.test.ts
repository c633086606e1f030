/** Sends and receives that wait: any number, in order, each to be given up without a trace. */
import { describe, expect, test } from 'vitest'
import { Addressed } from '../../../../src/addressed.ts'
import {
  ClosedError,
  MessageSizeError,
  StateError,
  TimeoutError,
  UnroutableError,
} from '../../../../src/errors.ts'
import { partsOf } from '../../../../src/message.ts'
import { endpoints, fill, message, open, texts } from './support.ts'

const REASON = new Error('given up')

describe('receives', () => {
  test('any number wait, and are served in order', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.tcp()))
    const waiting = Array.from({ length: 20 }, () => pull.receive({ timeout: 5000 }))
    for (let i = 0; i < 20; i++) await push.send(message(`m${i}`))
    expect((await Promise.all(waiting)).map(String)).toEqual(Array.from({ length: 20 }, (_, i) => `m${i}`))
  })

  test('one that is aborted eats no message', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.tcp()))
    const controller = new AbortController()
    const aborted = pull.receive({ signal: controller.signal })
    const next = pull.receive({ timeout: 5000 })
    controller.abort(REASON)
    await expect(aborted).rejects.toBe(REASON)
    await push.send(message('kept'))
    expect(String(await next)).toBe('kept')
  })

  test('one that timed out eats no message, even when nobody else waits', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.tcp()))
    await expect(pull.receive({ timeout: 5 })).rejects.toThrow(TimeoutError)
    await push.send(message('kept'))
    expect(await texts(pull, 1)).toEqual(['kept'])
  })

  test('an aborted signal rejects although a message is there', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.tcp()))
    await push.send(message('a'))
    await push.send(message('b'))
    expect(await texts(pull, 1)).toEqual(['a'])
    await expect(pull.receive({ signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON)
    expect(await texts(pull, 1)).toEqual(['b'])
  })

  test('tryReceive finds what has arrived, a turn later', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    push.connect(await pull.bind(endpoints.tcp()))
    await push.send(message('here'))
    let found = pull.tryReceive()
    while (found === undefined) {
      await new Promise(setImmediate)
      found = pull.tryReceive()
    }
    expect(String(found)).toBe('here')
  })

  test('those that wait reject when the socket is closed', async () => {
    const pull = open('PULL')
    const waiting = pull.receive()
    await Promise.all([expect(waiting).rejects.toThrow(ClosedError), pull.close()])
    await expect(pull.receive()).rejects.toThrow(ClosedError)
    expect(() => pull.tryReceive()).toThrow(ClosedError)
  })

  test('a loop of receives lets the event loop turn', async () => {
    await using pull = open('PULL', { receiveHighWaterMark: 100_000 })
    await using push = open('PUSH', { sendHighWaterMark: 100_000 })
    push.connect(await pull.bind(endpoints.inproc()))
    for (let i = 0; i < 20_000; i++) await push.send(message('x'))
    let turned = false
    setImmediate(() => {
      turned = true
    })
    let received = 0
    while (!turned && received < 20_000) {
      await pull.receive()
      received++
    }
    expect(turned).toBe(true)
    expect(received).toBeLessThan(10_000)
  })
})

describe('sends', () => {
  test('without a peer they wait, and go in order once there is one', async () => {
    await using push = open('PUSH')
    await using pull = open('PULL')
    const sends = Array.from({ length: 20 }, (_, i) => push.send(message(`m${i}`)))
    await expect(push.send(message('late'), { timeout: 5 })).rejects.toThrow(TimeoutError)
    push.connect(await pull.bind(endpoints.tcp()))
    expect(await texts(pull, 20)).toEqual(Array.from({ length: 20 }, (_, i) => `m${i}`))
    await Promise.all(sends)
  })

  test('one that is aborted was not sent', async () => {
    await using push = open('PUSH')
    await using pull = open('PULL')
    const controller = new AbortController()
    const sends = [push.send(message('a')), push.send(message('b'), controller), push.send(message('c'))]
    controller.abort(REASON)
    await expect(sends[1]).rejects.toBe(REASON)
    push.connect(await pull.bind(endpoints.tcp()))
    expect(await texts(pull, 2)).toEqual(['a', 'c'])
    await Promise.all([sends[0], sends[2]])
    expect(push.stats().traffic).toMatchObject({ sent: 2, sentBytes: 2 })
  })

  test('the first of all can be aborted, too', async () => {
    await using push = open('PUSH')
    await using pull = open('PULL')
    const controller = new AbortController()
    const first = push.send(message('a'), controller)
    await new Promise(setImmediate)
    controller.abort(REASON)
    await expect(first).rejects.toBe(REASON)
    push.connect(await pull.bind(endpoints.tcp()))
    await push.send(message('b'))
    expect(await texts(pull, 1)).toEqual(['b'])
  })

  test('a full peer holds them, and lets them go when it reads', async () => {
    await using push = open('PUSH', { sendHighWaterMark: 5 })
    await using pull = open('PULL', { receiveHighWaterMark: 5 })
    push.connect(await pull.bind(endpoints.inproc()))
    const taken = fill(push)
    const waiting = push.send(message('last'))
    expect(push.trySend(message('no'))).toBe(false)
    for (let i = 0; i < taken; i++) await pull.receive({ timeout: 5000 })
    await waiting
    expect(await texts(pull, 1)).toEqual(['last'])
  })

  test('many at a full peer keep their order among time-outs', async () => {
    await using push = open('PUSH', { sendHighWaterMark: 2 })
    await using pull = open('PULL', { receiveHighWaterMark: 2 })
    push.connect(await pull.bind(endpoints.inproc()))
    const taken = fill(push)
    const kept: Promise<void>[] = []
    const given: Promise<void>[] = []
    for (let i = 0; i < 30; i++) {
      if (i % 3 === 0) given.push(push.send(message('given up'), { timeout: 1 }))
      else kept.push(push.send(message(`m${i}`)))
    }
    for (const result of await Promise.allSettled(given)) expect(result.status).toBe('rejected')
    for (let i = 0; i < taken; i++) await pull.receive({ timeout: 5000 })
    expect(await texts(pull, 20)).toEqual(
      Array.from({ length: 30 }, (_, i) => i)
        .filter(i => i % 3 !== 0)
        .map(i => `m${i}`),
    )
    await Promise.all(kept)
  })

  test('those that wait reject when the socket is closed', async () => {
    const push = open('PUSH')
    const waiting = push.send(message('never'))
    await Promise.all([expect(waiting).rejects.toThrow(ClosedError), push.close()])
    await expect(push.send(message('never'))).rejects.toThrow(ClosedError)
  })

  test('a message over the limit is refused', async () => {
    await using push = open('PUSH', { maxMessageSize: 10 })
    await expect(push.send(Buffer.alloc(11))).rejects.toThrow(MessageSizeError)
    expect(() => push.trySend(Buffer.alloc(11))).toThrow(MessageSizeError)
  })

  test('a socket that cannot send says so', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH')
    await expect(pull.send(message('x'))).rejects.toThrow(StateError)
    expect(() => push.tryReceive()).toThrow(StateError)
  })

  test('a loop of sends lets the event loop turn', async () => {
    await using pull = open('PULL')
    await using push = open('PUSH', { sendHighWaterMark: 1_000_000 })
    push.connect(await pull.bind(endpoints.tcp()))
    let turned = false
    setImmediate(() => {
      turned = true
    })
    let sent = 0
    while (!turned && sent < 20_000) {
      await push.send(message('x'))
      sent++
    }
    expect(turned).toBe(true)
    expect(sent).toBeLessThan(10_000)
  })
})

describe('a Router', () => {
  test('rejects a message for an unknown peer, with the message', async () => {
    await using router = open('ROUTER')
    const parts = [message('nobody'), message('hello')]
    const error = await router.send(Addressed.from(parts)).catch(error => error)
    expect(error).toBeInstanceOf(UnroutableError)
    expect(error.undelivered).toEqual(parts)
  })

  test('that is not mandatory drops and counts instead', async () => {
    await using router = open('ROUTER', { mandatory: false })
    await router.send(new Addressed(message('nobody'), message('hello')))
    expect(router.stats().dropped).toEqual({ 'no-peer': 1 })
  })

  test('rejects for a full peer, and waits when told to, for that peer alone', async () => {
    await using router = open('ROUTER', { sendHighWaterMark: 3, onFull: 'wait' })
    await using slow = open('DEALER', { routingId: 'slow', receiveHighWaterMark: 3 })
    await using quick = open('DEALER', { routingId: 'quick' })
    const bound = await router.bind(endpoints.tcp())
    slow.connect(bound)
    quick.connect(bound)
    await Promise.all([slow.send(message('here')), quick.send(message('here'))])
    await router.receive({ timeout: 5000 })
    await router.receive({ timeout: 5000 })
    const toSlow = (text: string) => new Addressed(message('slow'), [message(text), Buffer.alloc(200_000)])
    const sends: Promise<void>[] = []
    const controller = new AbortController()
    let waits = false
    // Until one waits: then the peer is full.
    while (!waits) {
      const sent = router.send(toSlow(`m${sends.length}`), controller)
      waits = await Promise.race([sent.then(() => false), new Promise<boolean>(r => setTimeout(r, 50, true))])
      sends.push(sent)
    }
    await router.send(new Addressed(message('quick'), message('past')))
    expect(String(await quick.receive({ timeout: 5000 }))).toBe('past')
    for (let i = 0; i < sends.length; i++) {
      expect(String(partsOf(await slow.receive({ timeout: 5000 }))[0])).toBe(`m${i}`)
    }
    await Promise.all(sends)
  })
})

describe('a Reply', () => {
  test('drops and counts an answer to a peer that has gone', async () => {
    await using reply = open('REP')
    await reply.send(new Addressed(message('nobody'), [Buffer.alloc(0), message('answer')]))
    expect(reply.stats().dropped).toEqual({ 'no-peer': 1 })
  })

  test('drops and counts what has no envelope', async () => {
    await using reply = open('REP')
    await using dealer = open('DEALER')
    dealer.connect(await reply.bind(endpoints.tcp()))
    await dealer.send([message('no'), message('delimiter')])
    await dealer.send([Buffer.alloc(0), message('question')])
    const { envelope, body } = await reply.receive({ timeout: 5000 })
    expect([envelope, String(body)]).toEqual([[], 'question'])
    expect(reply.stats().dropped).toEqual({ malformed: 1 })
  })
})

describe('a Publisher', () => {
  test('that waits for full peers loses nothing', async () => {
    await using publisher = open('PUB', { sendHighWaterMark: 3, onFull: 'wait' })
    await using subscriber = open('SUB', { receiveHighWaterMark: 3 })
    subscriber.subscribe!(message(''))
    subscriber.connect(await publisher.bind(endpoints.tcp()))
    await publisher.subscribed!(1, undefined, { timeout: 5000 })
    const bodies = Array.from({ length: 100 }, (_, i) => [message(`${i}`), Buffer.alloc(100_000)])
    const sent = Promise.all(bodies.map(body => publisher.send(body)))
    const topics: string[] = []
    while (topics.length < 100) topics.push(String(partsOf(await subscriber.receive({ timeout: 5000 }))[0]))
    await sent
    expect(topics).toEqual(bodies.map(([topic]) => String(topic)))
  })

  test('that does not wait never holds its sender', async () => {
    await using publisher = open('PUB', { sendHighWaterMark: 3 })
    await using subscriber = open('SUB', { receiveHighWaterMark: 3 })
    subscriber.subscribe!(message(''))
    subscriber.connect(await publisher.bind(endpoints.tcp()))
    await publisher.subscribed!(1, undefined, { timeout: 5000 })
    for (let i = 0; i < 100; i++) await publisher.send(Buffer.alloc(100_000), { timeout: 5000 })
    expect(publisher.stats().traffic.sent).toBe(100)
  })
})
