/** `connected`, `ready` and `subscribed`: after them no message is lost. */
import { describe, expect } from 'vitest'
import { ClosedError, TimeoutError } from '../../../src/errors.ts'
import { next, numbered, PATIENCE, receiveTexts, texts } from '../../support/stage.ts'
import type { Rule } from './rules.ts'

const waiting = { timeout: PATIENCE }

export function readinessRules(rule: Rule): void {
  describe('readiness', () => {
    rule('connected resolves once enough peers are there, and at once when they are', async stage => {
      const pull = stage.near('PULL')
      const endpoint = await pull.bind(stage.transport.fresh())
      const two = pull.connected(2, waiting)
      const pushes = [stage.far('PUSH'), stage.far('PUSH')]
      for (const push of pushes) push.connect(endpoint)
      await two
      expect(pull.peers).toHaveLength(2)
      await pull.connected(1)
      await pull.connected(0)
    })

    rule(
      'connected gives up after its time-out, by its signal, and when the socket is closed',
      async stage => {
        const pull = stage.near('PULL')
        await expect(pull.connected(1, { timeout: 1 })).rejects.toThrow(TimeoutError)
        const reason = new Error('not needed any more')
        await expect(pull.connected(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
        const later = new AbortController()
        const aborted = pull.connected(1, { signal: later.signal })
        later.abort(reason)
        await expect(aborted).rejects.toBe(reason)
        const closed = pull.connected(1)
        const refused = expect(closed).rejects.toThrow(ClosedError)
        await pull.close()
        await refused
      },
    )

    for (const publisher of ['near', 'far'] as const) {
      for (const binds of ['publisher', 'subscriber'] as const) {
        const subscriber = publisher === 'near' ? 'far' : 'near'

        rule(
          `after ready no message of a ${publisher} publisher is lost, when the ${binds} binds`,
          async stage => {
            const pub = stage[publisher]('PUB')
            const sub = stage[subscriber]('SUB')
            const [binder, dialler] = binds === 'publisher' ? [pub, sub] : [sub, pub]
            sub.subscribe!(Buffer.from('a'))
            dialler.connect(await binder.bind(stage.transport.fresh()))
            await sub.ready!(waiting)
            const sent = numbered('a', 200)
            for (const message of sent) await pub.send(message)
            expect(await receiveTexts(sub, sent.length)).toEqual(texts(sent))
          },
          'ready-by-ping',
        )

        rule(
          `after subscribed no message of a ${publisher} publisher is lost, when the ${binds} binds`,
          async stage => {
            const pub = stage[publisher]('PUB')
            const sub = stage[subscriber]('SUB')
            const [binder, dialler] = binds === 'publisher' ? [pub, sub] : [sub, pub]
            dialler.connect(await binder.bind(stage.transport.fresh()))
            sub.subscribe!(Buffer.from('a'))
            await pub.subscribed!(1, Buffer.from('a'), waiting)
            const sent = numbered('a', 200)
            for (const message of sent) await pub.send(message)
            expect(await receiveTexts(sub, sent.length)).toEqual(texts(sent))
          },
        )
      }
    }

    rule(
      'ready counts for subscriptions made later, too',
      async stage => {
        const [pub, sub] = [stage.near('PUB'), stage.far('SUB')]
        await stage.join(pub, sub)
        for (const topic of ['a', 'b', 'c']) {
          sub.subscribe!(Buffer.from(topic))
          await sub.ready!(waiting)
          await pub.send(Buffer.from(`${topic} first`))
          expect(await receiveTexts(sub, 1)).toEqual([`${topic} first`])
        }
      },
      'ready-by-ping',
    )

    rule(
      'ready waits for every publisher that is there',
      async stage => {
        const pubs = [stage.near('PUB'), stage.near('XPUB'), stage.near('PUB')]
        const sub = stage.far('SUB')
        for (const pub of pubs) sub.connect(await pub.bind(stage.transport.fresh()))
        await sub.connected(3, waiting)
        sub.subscribe!(Buffer.alloc(0))
        await sub.ready!(waiting)
        await Promise.all(pubs.map((pub, index) => pub.send(Buffer.from(`from ${index}`))))
        expect((await receiveTexts(sub, 3)).sort()).toEqual(['from 0', 'from 1', 'from 2'])
      },
      'ready-by-ping',
    )

    rule('ready waits until there is a publisher, or gives up', async stage => {
      const sub = stage.near('SUB')
      sub.subscribe!(Buffer.alloc(0))
      await expect(sub.ready!({ timeout: 1 })).rejects.toThrow(TimeoutError)
      const reason = new Error('enough')
      await expect(sub.ready!({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const refused = expect(sub.ready!()).rejects.toThrow(ClosedError)
      await sub.close()
      await refused
    })

    rule(
      'subscribed counts the peers that would get a topic',
      async stage => {
        const pub = stage.near('PUB')
        const subs = [stage.far('SUB'), stage.far('SUB'), stage.far('SUB')]
        await stage.join(pub, ...subs)
        subs[0]!.subscribe!(Buffer.from('a'))
        subs[1]!.subscribe!(Buffer.from('ab'))
        subs[2]!.subscribe!(Buffer.from('b'))
        await pub.subscribed!(3, undefined, waiting)
        await pub.subscribed!(2, Buffer.from('abc'))
        await pub.subscribed!(1, Buffer.from('a'))
        await expect(pub.subscribed!(3, Buffer.from('abc'), { timeout: 1 })).rejects.toThrow(TimeoutError)
        const gone = next(pub, 'disconnect')
        await subs[1]!.close()
        await gone
        await expect(pub.subscribed!(2, Buffer.from('abc'), { timeout: 1 })).rejects.toThrow(TimeoutError)
      },
      'subscribers-by-peer',
    )
  })
}
