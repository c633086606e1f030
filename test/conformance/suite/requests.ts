/** Request and Reply: many in flight, peers that go, answers that come late, requests that are taken back, and lock-step routers. */
import { describe, expect } from 'vitest'
import { text } from '../../../src/codec/text.ts'
import { ClosedError, PeerLostError, TimeoutError } from '../../../src/errors.ts'
import type { Message } from '../../../src/message.ts'
import { Reply } from '../../../src/sockets/reply.ts'
import { Request, type RequestSettings } from '../../../src/sockets/request.ts'
import { next, PATIENCE, type Stage, textsOf } from '../../support/stage.ts'
import type { WholeSocket } from '../../support/whole.ts'
import type { Rule } from './rules.ts'

const waiting = { timeout: PATIENCE }

function requester(stage: Stage, settings: RequestSettings = {}): Request<string, string> {
  return new Request<string, string>({ engine: stage.pair.near.engine, codec: text, linger: 0, ...settings })
}

function replier(stage: Stage): Reply<string, string> {
  return new Reply<string, string>({ engine: stage.pair.far.engine, codec: text, linger: 0 })
}

/** A ROUTER in the place of a Reply, and the message of the request it gets next. */
async function asked(router: WholeSocket): Promise<Buffer[]> {
  return (await router.receive(waiting)) as Buffer[]
}

/** The answer to a request: the same envelope, another body. */
function answer(request: readonly Buffer[], body: string): Message {
  return [...request.slice(0, -1), Buffer.from(body)]
}

async function joined(stage: Stage, request: Request<string, string>, peer: WholeSocket): Promise<string> {
  const endpoint = await peer.bind(stage.transport.fresh())
  request.connect(endpoint)
  await peer.connected(1, waiting)
  await request.connected(1, waiting)
  return endpoint
}

export function requestRules(rule: Rule): void {
  describe('Request', () => {
    rule('any number may be in flight, and be answered in any order', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const answers = Array.from({ length: 100 }, (_, index) => request.request(`question ${index}`))
      const requests: Buffer[][] = []
      while (requests.length < 100) requests.push(await asked(router))
      for (const one of requests.reverse()) await router.send(answer(one, `answer to ${textsOf(one).at(-1)}`))
      expect(await Promise.all(answers)).toEqual(
        Array.from({ length: 100 }, (_, index) => `answer to question ${index}`),
      )
    })

    rule(
      'several repliers share the requests, and each answer comes from the one that was asked',
      async stage => {
        await using request = requester(stage)
        await using first = replier(stage)
        await using second = replier(stage)
        const serving: Promise<void>[] = []
        for (const [name, reply] of Object.entries({ first, second })) {
          request.connect(await reply.bind(stage.transport.fresh()))
          serving.push(reply.serve(question => `${name} ${question}`))
        }
        await request.connected(2, waiting)
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => request.request(`${index}`)),
        )
        for (const [index, one] of answers.entries())
          expect(one).toMatch(new RegExp(`^(first|second) ${index}$`))
        expect(answers.filter(one => one.startsWith('first'))).toHaveLength(10)
        await Promise.all([first.close(), second.close()])
        await Promise.all(serving)
      },
    )

    rule('no answer in time: TimeoutError, and the late answer is dropped and counted', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const late = request.request('late', { timeout: 20 })
      const first = await asked(router)
      await expect(late).rejects.toThrow(TimeoutError)
      const second = request.request('in time')
      await router.send(answer(first, 'late answer'))
      await router.send(answer(await asked(router), 'answer'))
      expect(await second).toBe('answer')
      expect(request.stats().dropped).toEqual({ 'late-answer': 1 })
    })

    rule('a time-out with retries left asks again, under a new id', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const result = request.request('question', { timeout: 50, retries: 1000 })
      const asks: Buffer[][] = []
      const answering = async () => {
        for (;;) {
          asks.push(await asked(router))
          // Every one but the first: under load more than one may come too late.
          if (asks.length > 1) await router.send(answer(asks.at(-1)!, 'answer'))
        }
      }
      answering().catch(() => {})
      expect(await result).toBe('answer')
      expect(asks[0]![1]).not.toEqual(asks[1]![1])
    })

    rule(
      'the peer gone in flight: PeerLostError',
      async stage => {
        await using request = requester(stage, { reconnectInterval: 10_000 })
        const router = stage.far('ROUTER')
        await joined(stage, request, router)
        const result = request.request('question')
        const lost = expect(result).rejects.toThrow(PeerLostError)
        await asked(router)
        await router.close()
        await lost
      },
      'lost-requests',
    )

    rule(
      'the peer gone in flight, with retries left: another peer is asked at once',
      async stage => {
        await using request = requester(stage)
        const [going, staying] = [stage.far('ROUTER'), stage.far('ROUTER')]
        await joined(stage, request, going)
        const result = request.request('question', { retries: 1 })
        await asked(going)
        await joined(stage, request, staying)
        await going.close()
        await staying.send(answer(await asked(staying), 'answer'))
        expect(await result).toBe('answer')
      },
      'lost-requests',
    )

    rule('an answer that was sent before the peer went still counts', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const results = ['a', 'b', 'c'].map(question => request.request(question))
      for (let count = 0; count < 3; count++) await router.send(answer(await asked(router), 'answer'))
      await router.close()
      expect(await Promise.all(results)).toEqual(['answer', 'answer', 'answer'])
    })

    rule(
      'an answer from a peer that was not asked does not count',
      async stage => {
        await using request = requester(stage)
        const [right, wrong] = [stage.far('ROUTER'), stage.far('ROUTER')]
        await joined(stage, request, right)
        const result = request.request('to the right one')
        const question = await asked(right)
        await joined(stage, request, wrong)
        // Round-robin: the next one goes to the other peer, and tells it our name there.
        const other = request.request('to the wrong one')
        const atOther = await Promise.race([
          asked(wrong).then(one => ({ wrong, one })),
          asked(right).then(one => ({ wrong: right, one })),
        ])
        if (atOther.wrong === wrong) {
          await wrong.send([atOther.one[0]!, ...(answer(question, 'forged') as Buffer[]).slice(1)])
          await wrong.send(answer(atOther.one, 'own'))
        } else await right.send(answer(atOther.one, 'own'))
        expect(await other).toBe('own')
        await right.send(answer(question, 'true'))
        expect(await result).toBe('true')
      },
      'lost-requests',
    )

    rule(
      'an aborted request that was not yet sent leaves the queue',
      async stage => {
        await using request = requester(stage, { reconnectInterval: 10, reconnectIntervalMax: 20 })
        const endpoint = await stage.transport.absent()
        request.connect(endpoint)
        const controller = new AbortController()
        const reason = new Error('not needed any more')
        const aborted = request.request('aborted', { signal: controller.signal })
        const kept = request.request('kept')
        controller.abort(reason)
        await expect(aborted).rejects.toBe(reason)
        expect(request.stats().traffic.queued ?? 1).toBe(1)
        const router = stage.far('ROUTER')
        await router.bind(endpoint)
        const question = await asked(router)
        expect(textsOf(question).at(-1)).toBe('kept')
        await router.send(answer(question, 'answer'))
        expect(await kept).toBe('answer')
      },
      're-routing',
    )

    rule('a request that timed out before it was sent is not sent', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      const endpoint = await request.bind(stage.transport.fresh())
      await expect(request.request('too early', { timeout: 1 })).rejects.toThrow(TimeoutError)
      const kept = request.request('kept')
      router.connect(endpoint)
      const question = await asked(router)
      expect(textsOf(question).at(-1)).toBe('kept')
      await router.send(answer(question, 'answer'))
      expect(await kept).toBe('answer')
    })

    rule('an aborted request in flight: its answer does not count', async stage => {
      await using request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const aborted = request.request('question', { signal: controller.signal })
      const refused = expect(aborted).rejects.toBe(reason)
      const question = await asked(router)
      controller.abort(reason)
      await refused
      const told = next(request as unknown as WholeSocket, 'message:dropped')
      await router.send(answer(question, 'too late'))
      expect(await told).toMatchObject({ cause: 'late-answer', count: 1 })
    })

    rule('close rejects what is not answered', async stage => {
      const request = requester(stage)
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const refused = expect(request.request('question')).rejects.toThrow(ClosedError)
      await asked(router)
      await request.close()
      await refused
      await expect(request.request('another')).rejects.toThrow(ClosedError)
    })
  })

  describe('strict Request', () => {
    rule('one is on the wire at a time, without an id', async stage => {
      await using request = requester(stage, { strict: true })
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const answers = ['a', 'b', 'c'].map(question => request.request(question))
      for (const question of ['a', 'b', 'c']) {
        const one = await asked(router)
        expect(textsOf(one).slice(1)).toEqual(['', question])
        expect(router.tryReceive()).toBeUndefined()
        await router.send(answer(one, `answer to ${question}`))
      }
      expect(await Promise.all(answers)).toEqual(['answer to a', 'answer to b', 'answer to c'])
    })

    rule('a late answer is never taken for the next one', async stage => {
      await using request = requester(stage, { strict: true, reconnectInterval: 1, reconnectIntervalMax: 5 })
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const first = request.request('first', { timeout: 30 })
      const question = await asked(router)
      await expect(first).rejects.toThrow(TimeoutError)
      const second = request.request('second')
      await router.send(answer(question, 'late')).catch(() => {})
      await router.send(answer(await asked(router), 'second answer'))
      expect(await second).toBe('second answer')
    })

    rule('one that is aborted while it waits for its turn is never sent', async stage => {
      await using request = requester(stage, { strict: true })
      const router = stage.far('ROUTER')
      await joined(stage, request, router)
      const controller = new AbortController()
      const first = request.request('first')
      const aborted = request.request('aborted', { signal: controller.signal })
      const third = request.request('third')
      const reason = new Error('not needed any more')
      controller.abort(reason)
      await expect(aborted).rejects.toBe(reason)
      for (const question of ['first', 'third']) {
        const one = await asked(router)
        expect(textsOf(one).at(-1)).toBe(question)
        await router.send(answer(one, question))
      }
      expect(await Promise.all([first, third])).toEqual(['first', 'third'])
    })

    rule(
      'the peer gone in flight: PeerLostError, and the next request goes on',
      async stage => {
        await using request = requester(stage, { strict: true })
        const [going, staying] = [stage.far('ROUTER'), stage.far('ROUTER')]
        const endpoint = await joined(stage, request, going)
        const lost = expect(request.request('lost')).rejects.toThrow(PeerLostError)
        const next = request.request('next')
        await asked(going)
        request.connect(await staying.bind(stage.transport.fresh()))
        await request.connected(2, waiting)
        await going.close()
        await lost
        request.disconnect(endpoint)
        await staying.send(answer(await asked(staying), 'answer'))
        expect(await next).toBe('answer')
      },
      'lost-requests',
    )
  })
}
