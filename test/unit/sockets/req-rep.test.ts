import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { Peers } from '../../../src/engine/zmtp/peers.ts'
import {
  ClosedError,
  Dealer,
  InvalidMessageError,
  json,
  OptionError,
  PeerLostError,
  RemoteError,
  Reply,
  Request,
  Router,
  raw,
  StateError,
  TimeoutError,
  text,
} from '../../../src/index.ts'
import { inproc, link, linkOver, next } from './link.ts'

const square = { request: z.number(), answer: z.number() }

/** A promise and what settles it. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open!: () => void
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

describe('Request and Reply', () => {
  it('answer requests, any number in flight, whatever the order of the answers', async () => {
    await using request = new Request(square)
    await using reply = new Reply(square)
    await link(reply, request)
    const { open, opened } = gate()
    reply.serve(async number => {
      if (number === 1) await opened
      return number * number
    })
    const first = request.request(1)
    expect(await Promise.all([request.request(2), request.request(3)])).toEqual([4, 9])
    open()
    expect(await first).toBe(1)
  })

  it('answer by hand, once', async () => {
    await using request = new Request({ codec: text })
    await using reply = new Reply({ codec: text })
    await link(reply, request)
    const answer = request.request('ping')
    for await (const asked of reply) {
      expect(asked.value).toBe('ping')
      await asked.reply('pong')
      await expect(asked.reply('again')).rejects.toThrow(StateError)
      await expect(asked.fail('again')).rejects.toThrow(StateError)
      break
    }
    expect(await answer).toBe('pong')
  })

  it('carry an empty answer', async () => {
    await using request = new Request({ codec: text })
    await using reply = new Reply({ codec: text })
    await link(reply, request)
    reply.serve(() => '')
    expect(await request.request('')).toBe('')
  })

  it('run as many handlers at once as concurrency says', async () => {
    await using request = new Request<number, number>()
    await using reply = new Reply<number, number>()
    await link(reply, request)
    let running = 0
    let most = 0
    reply.serve(
      async number => {
        most = Math.max(most, ++running)
        await nextTurn()
        running--
        return number
      },
      { concurrency: 2 },
    )
    await Promise.all([1, 2, 3, 4, 5, 6].map(number => request.request(number)))
    expect(most).toBe(2)
    await expect(reply.serve(() => 1, { concurrency: 0 })).rejects.toThrow(OptionError)
  })

  it('end serving when the signal aborts, once the running handlers have answered', async () => {
    await using request = new Request<number, number>()
    await using reply = new Reply<number, number>()
    await link(reply, request)
    const controller = new AbortController()
    const { open, opened } = gate()
    const entered = gate()
    const served = reply.serve(
      async number => {
        entered.open()
        await opened
        return number
      },
      { signal: controller.signal },
    )
    const answer = request.request(1)
    await entered.opened
    controller.abort()
    open()
    await served
    expect(await answer).toBe(1)
  })

  it('end serving quietly when the socket is closed', async () => {
    const reply = new Reply()
    const served = reply.serve(() => 1)
    await reply.close()
    await served
  })

  it('take a reply that cannot be sent for none', async () => {
    await using request = new Request(square)
    await using reply = new Reply(square)
    await link(reply, request)
    const answer = request.request(2)
    const asked = await reply.receive()
    await expect(asked.reply('four' as never)).rejects.toThrow(InvalidMessageError)
    await asked.reply(4)
    expect(await answer).toBe(4)
  })

  it('refuse an answer of several parts that begins with an empty one, for that is an error', async () => {
    await using request = new Request({ codec: raw })
    await using reply = new Reply({ codec: raw })
    await link(reply, request)
    request.request(Buffer.from('?')).catch(() => {})
    const asked = await reply.receive()
    await expect(asked.reply([Buffer.alloc(0), Buffer.from('x')])).rejects.toThrow(InvalidMessageError)
  })
})

describe('a handler that throws', () => {
  it.each([
    ['msgpack', undefined],
    ['json', json],
    ['text', text],
    ['raw', raw],
  ])('is known to the asker by name, message and code, with %s', async (_, codec) => {
    await using request = new Request<any, any>({ codec })
    await using reply = new Reply<any, any>({ codec })
    await link(reply, request)
    reply.serve(() => {
      throw Object.assign(new RangeError('too far'), { code: 'E_FAR' })
    })
    const error: RemoteError = await request.request(codec === raw ? Buffer.from('x') : 'x').then(
      () => expect.unreachable(),
      error => error,
    )
    expect(error).toBeInstanceOf(RemoteError)
    expect([error.remoteName, error.message, error.remoteCode]).toEqual(['RangeError', 'too far', 'E_FAR'])
  })

  it('throws what is no error', async () => {
    await using request = new Request()
    await using reply = new Reply()
    await link(reply, request)
    reply.serve(() => Promise.reject('a word'))
    await expect(request.request(1)).rejects.toThrow('a word')
  })

  it('throws what cannot be read, and its asker hears of a failure', async () => {
    const throws = () => {
      throw new Error('not even this')
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const thrown = [
      Object.create(null),
      proxy,
      Object.defineProperty(new Error(), 'message', { get: throws }),
      Object.defineProperty(new Error(), 'name', { get: throws }),
      Object.defineProperty(new Error('said'), 'code', { get: throws }),
      Object.assign(new Error(), { name: 7, message: { an: 'object' } }),
      { toString: throws },
    ]
    await using request = new Request<number, never>()
    await using reply = new Reply<number, never>()
    await link(reply, request)
    reply.serve(index => {
      throw thrown[index]
    })
    for (const index of thrown.keys()) {
      await expect(request.request(index, { timeout: 5000 })).rejects.toThrow(RemoteError)
    }
  })

  it('answers in two parts, an empty one and the error, to foreign peers', async () => {
    await using dealer = new Dealer({ codec: raw })
    await using reply = new Reply({ codec: raw })
    await link(reply, dealer)
    reply.serve(() => {
      throw new TypeError('no')
    })
    await dealer.send(Buffer.from('x'))
    const [empty, error] = (await dealer.receive()) as Buffer[]
    expect(empty).toHaveLength(0)
    expect(JSON.parse(String(error))).toEqual({ name: 'TypeError', message: 'no' })
  })

  it('answers an invalid request at once, and counts it', async () => {
    await using request = new Request<unknown, number>()
    await using reply = new Reply(square)
    await link(reply, request)
    reply.serve(number => number)
    await expect(request.request('two')).rejects.toThrow(RemoteError)
    expect(reply.stats().invalid).toBe(1)
    expect(await request.request(2)).toBe(2)
  })

  it('also answers when the answer itself is invalid', async () => {
    await using request = new Request(square)
    await using reply = new Reply(square)
    await link(reply, request)
    reply.serve(() => 'four' as never)
    await expect(request.request(2)).rejects.toThrow('the schema refuses')
  })
})

describe('a request', () => {
  it('rejects when it or its answer is invalid', async () => {
    await using request = new Request(square)
    await using reply = new Reply()
    await link(reply, request)
    reply.serve(() => 'four')
    await expect(request.request('two' as never)).rejects.toThrow(InvalidMessageError)
    await expect(request.request(2)).rejects.toThrow(InvalidMessageError)
    expect(request.stats().invalid).toBe(1)
  })

  it('rejects when its time is over, and its late answer is dropped and counted', async () => {
    await using request = new Request<number, number>()
    await using reply = new Reply<number, number>()
    await link(reply, request)
    const answer = request.request(1, { timeout: 20 })
    const asked = await reply.receive()
    await expect(answer).rejects.toThrow(TimeoutError)
    const dropped = next(request, 'message:dropped')
    await asked.reply(1)
    reply.serve(number => number)
    expect(await request.request(2)).toBe(2)
    expect((await dropped).cause).toBe('late-answer')
    expect(request.stats().dropped['late-answer']).toBe(1)
  })

  it('leaves the queue when it is aborted or out of time before it was sent', async () => {
    await using request = new Request<number, number>()
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = request.request(1, { signal: controller.signal })
    const late = request.request(2, { timeout: 10 })
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    await expect(late).rejects.toThrow(TimeoutError)
    await expect(request.request(3, { signal: controller.signal })).rejects.toBe(reason)
    await using reply = new Reply<number, number>()
    const seen: number[] = []
    reply.serve(number => seen.push(number))
    await link(reply, request)
    await request.request(4)
    expect(seen).toEqual([4])
  })

  it('leaves the queue of a connection that is not there yet', async () => {
    await using request = new Request<number, number>()
    await using reply = new Reply<number, number>()
    const seen: number[] = []
    reply.serve(number => seen.push(number))
    request.connect('inproc://request-before-bind')
    await expect(request.request(1, { timeout: 10 })).rejects.toThrow(TimeoutError)
    await reply.bind('inproc://request-before-bind')
    await request.request(2)
    expect(seen).toEqual([2])
  })

  it('is tried again after a time-out, under a new id', async () => {
    await using request = new Request({ codec: text })
    await using router = new Router({ codec: text })
    await link(router, request)
    const answer = request.request('ping', { timeout: 20, retries: 1 })
    const first = await router.receive()
    const second = await router.receive()
    expect(first.envelope[0]).toHaveLength(4)
    expect(second.envelope[0]).not.toEqual(first.envelope[0])
    await router.send(second.peer, 'pong', second.envelope)
    expect(await answer).toBe('pong')
  })

  it('is lost with its peer, and goes to another at once when tries are left', async () => {
    await using request = new Request<string, string>()
    const going = new Reply<string, string>()
    await link(request, going)
    const lost = request.request('lost')
    const retried = request.request('retried', { retries: 1 })
    await going.receive()
    await going.receive()
    await using staying = new Reply<string, string>()
    staying.serve(value => `${value}!`)
    await link(request, staying)
    await going.close()
    await expect(lost).rejects.toThrow(PeerLostError)
    expect(await retried).toBe('retried!')
  })

  it('rejects when the socket is closed', async () => {
    const request = new Request<number, number>()
    const waiting = request.request(1)
    const settled = expect(waiting).rejects.toThrow(ClosedError)
    await request.close()
    await settled
    await expect(request.request(2)).rejects.toThrow(ClosedError)
  })

  it('rejects as closed, not as lost, when the socket is closed while its peer works', async () => {
    await using reply = new Reply<number, number>()
    const request = new Request<number, number>()
    await link(reply, request)
    const waiting = request.request(1, { retries: 1 })
    const settled = expect(waiting).rejects.toThrow(ClosedError)
    await reply.receive()
    await request.close()
    await settled
  })

  it('refuses impossible options', async () => {
    await using request = new Request()
    await expect(request.request(1, { timeout: -1 })).rejects.toThrow('timeout is -1')
    await expect(request.request(1, { timeout: 2 ** 31 })).rejects.toThrow(OptionError)
    await expect(request.request(1, { retries: 0.5 })).rejects.toThrow('retries is 0.5')
  })
})

describe('many requests', () => {
  it('that time out together look neither at all peers nor at each other', { timeout: 20_000 }, async () => {
    await using request = new Request({ linger: 0 })
    const endpoint = await request.bind(inproc())
    const replies = Array.from({ length: 200 }, () => new Reply({ linger: 0 }).connect(endpoint))
    await request.connected(200)
    const lists = vi.spyOn(Peers.prototype, 'listReady', 'get')
    const requests = Array.from({ length: 2000 }, () => request.request('nobody answers', { timeout: 50 }))
    const results = await Promise.allSettled(requests)
    expect(results.every(({ reason }: any) => reason instanceof TimeoutError)).toBe(true)
    expect(lists).not.toHaveBeenCalled()
    await Promise.all(replies.map(reply => reply.close()))
  })

  it('of a strict Request that are aborted together leave in order of their number', async () => {
    const count = 4_000
    await using request = new Request<number, number>({ strict: true, linger: 0 })
    const all = new AbortController()
    const kept = new AbortController()
    const waiting = Array.from({ length: count }, (_, at) =>
      request.request(at, { signal: (at === count / 2 ? kept : all).signal, timeout: Infinity }),
    )
    const settled = Promise.allSettled(waiting)
    all.abort(new Error('enough'))
    await using reply = new Reply<number, number>()
    await link(reply, request)
    reply.serve(value => value)
    const results = await settled
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: count / 2 },
    ])
  })
})

describe('a strict Request', () => {
  it('has one request on the wire at a time, without an id, and the others wait in order', async () => {
    await using request = new Request({ codec: text, strict: true })
    await using router = new Router({ codec: text })
    await link(router, request)
    const answers = ['a', 'b', 'c'].map(value => request.request(value))
    for (const value of ['a', 'b', 'c']) {
      const asked = await router.receive()
      expect(asked).toMatchObject({ envelope: [], value })
      expect(router.tryReceive()).toBeUndefined()
      await router.send(asked.peer, asked.value.toUpperCase())
    }
    expect(await Promise.all(answers)).toEqual(['A', 'B', 'C'])
  })

  it.each(['inproc', 'tcp'])(
    'goes on after a time-out, and never takes a late answer for the next one, over %s',
    async scheme => {
      await using request = new Request({ codec: text, strict: true })
      await using router = new Router({ codec: text })
      await linkOver(scheme === 'tcp' ? 'tcp://127.0.0.1:0' : inproc(), router, request)
      const first = request.request('a', { timeout: 20 })
      const second = request.request('b')
      const asked = await router.receive()
      await expect(first).rejects.toThrow(TimeoutError)
      await router.send(asked.peer, 'late').catch(() => {})
      const next = await router.receive()
      expect(next.value).toBe('b')
      await router.send(next.peer, 'B')
      expect(await second).toBe('B')
    },
  )

  it('lets a waiting request be aborted', async () => {
    await using request = new Request({ codec: text, strict: true })
    await using reply = new Reply({ codec: text })
    await link(reply, request)
    const controller = new AbortController()
    const first = request.request('a')
    const second = request.request('b', { signal: controller.signal })
    const third = request.request('c', { retries: 1 })
    controller.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    reply.serve(value => value)
    expect(await Promise.all([first, third])).toEqual(['a', 'c'])
  })
})
