/** Option `trace`: the path of each message is measured where both ends want it, and nobody sees anything of it otherwise. */
import { describe, expect } from 'vitest'
import { EMPTY_FRAME } from '../../../src/message.ts'
import { next, numbered, PATIENCE, receiveText, receiveTexts, texts, textsOf } from '../../support/stage.ts'
import type { WholeSocket } from '../../support/whole.ts'
import type { Rule } from './rules.ts'

const traced = { trace: true }
const waiting = { timeout: PATIENCE }

/** Takes so many messages as one consumer, who then is done. */
async function consume(socket: WholeSocket, count: number): Promise<string[]> {
  const consumer = socket.consumer!()
  const taken: string[] = []
  while (taken.length < count) taken.push(textsOf(await consumer.receive(waiting)).join('|'))
  consumer.done()
  return taken
}

export function traceRules(rule: Rule): void {
  describe('tracing', () => {
    rule(
      'measures each stretch of the path, and their sum',
      async stage => {
        const [push, pull] = [stage.near('PUSH', traced), stage.far('PULL', traced)]
        await stage.join(pull, push)
        const sent = numbered('message', 300)
        const sending = Promise.all(sent.map(message => push.send(message)))
        expect(await consume(pull, 300)).toEqual(texts(sent))
        await sending
        const { trace, peers } = pull.stats()
        expect(trace).toMatchObject({ messages: 300, clock: { offset: 0, uncertainty: 0 } })
        for (const stretch of ['produce', 'queue', 'consume', 'latency'] as const) {
          expect(trace![stretch]).toMatchObject({ samples: 128 })
          expect(trace![stretch]!.p50).toBeGreaterThanOrEqual(0)
        }
        expect(trace!.latency!.max).toBeGreaterThanOrEqual(trace!.queue!.max)
        expect(trace!.throughput).toBeGreaterThan(0)
        expect(peers[0]!.trace).toEqual(trace)
        expect(push.stats().trace).toMatchObject({ messages: 0, sent: { messages: 300 } })
      },
      'trace',
    )

    rule(
      'tells of each message, by the id that it has for all its receivers',
      async stage => {
        const pub = stage.near('PUB', traced)
        const subs = [stage.far('SUB', traced), stage.far('SUB', traced)]
        await stage.join(pub, ...subs)
        for (const sub of subs) sub.subscribe!(EMPTY_FRAME)
        await pub.subscribed!(2, undefined, waiting)
        const told = subs.map(sub => next(sub, 'message:traced'))
        await pub.send([Buffer.from('topic'), Buffer.from('news')])
        for (const sub of subs) expect(await consume(sub, 1)).toEqual(['topic|news'])
        const [one, other] = await Promise.all(told)
        expect(one!.id).toMatch(/^[0-9a-f]{16}$/)
        expect(other!.id).toBe(one!.id)
        expect(one!.peer!.socketType).toBe('PUB')
        expect(one!.path.queue).toBeGreaterThanOrEqual(0)
      },
      'trace',
    )

    rule(
      'leaves the parts of messages as they are, both ways, past envelopes and names',
      async stage => {
        const [dealer, rep] = [stage.near('DEALER', traced), stage.far('REP', traced)]
        await stage.join(rep, dealer)
        await dealer.send([Buffer.from('a'), Buffer.from('question')])
        const consumer = rep.consumer!()
        const question = await consumer.receive(waiting)
        expect(textsOf(question).slice(1)).toEqual(['', 'a', 'question'])
        await rep.send([...(question as Buffer[]).slice(0, -1), Buffer.from('answer')])
        consumer.done()
        expect(await consume(dealer, 1)).toEqual(['a|answer'])
        expect(rep.stats().trace).toMatchObject({ messages: 1, sent: { messages: 1 } })
        expect(dealer.stats().trace).toMatchObject({ messages: 1, sent: { messages: 1 } })
      },
      'trace',
    )

    rule(
      'counts waiting at the mark as time of production',
      async stage => {
        const [push, pull] = [
          stage.near('PUSH', { ...traced, sendHighWaterMark: 1 }),
          stage.far('PULL', { ...traced, receiveHighWaterMark: 1 }),
        ]
        await stage.join(pull, push)
        const message = Buffer.alloc(100_000)
        const sends = Array.from({ length: 200 }, () => push.send(message))
        const begun = performance.now()
        await new Promise(resolve => setImmediate(resolve))
        const least = performance.now() - begun
        await consume(pull, 200)
        await Promise.all(sends)
        expect(pull.stats().trace!.messages).toBe(200)
        expect(pull.stats().trace!.produce!.max).toBeGreaterThanOrEqual(least)
      },
      'trace',
    )

    rule(
      'goes on with what is sent elsewhere when its peer goes',
      async stage => {
        const endpoint = await stage.transport.absent()
        const push = stage.near('PUSH', traced)
        push.connect(endpoint)
        for (const message of numbered('early', 3)) await push.send(message)
        const pull = stage.far('PULL', traced)
        const other = await pull.bind(stage.transport.fresh())
        push.connect(other)
        await pull.connected(1, waiting)
        push.disconnect(endpoint)
        expect((await consume(pull, 3)).sort()).toEqual(['early 0', 'early 1', 'early 2'])
        const trace = pull.stats().trace!
        expect(trace.messages).toBe(3)
        expect(push.stats().trace!.sent.messages).toBe(3)
      },
      'trace',
      're-routing',
    )

    for (const [name, ours, theirs] of [
      ['the sender', traced, {}],
      ['the receiver', {}, traced],
    ] as const) {
      rule(
        `does nothing when only ${name} wants it`,
        async stage => {
          const [push, pull] = [stage.near('PUSH', ours), stage.far('PULL', theirs)]
          await stage.join(pull, push)
          const sent = numbered('message', 100)
          for (const message of sent) await push.send(message)
          expect(await receiveTexts(pull, 100)).toEqual(texts(sent))
          expect(pull.peers[0]!.trace).toBeUndefined()
          expect(push.peers[0]!.trace).toBeUndefined()
          expect(pull.stats().trace?.messages ?? 0).toBe(0)
          await push.send(Buffer.from('last'))
          expect(await receiveText(pull)).toBe('last')
        },
        'trace',
      )
    }
  })
}
