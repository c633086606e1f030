/** Sends and receives that wait: in order, until their time is over or their signal aborts, and then without effect. */
import { describe, expect } from 'vitest'
import { OptionError, TimeoutError } from '../../../src/errors.ts'
import { next, numbered, PATIENCE, receiveText, receiveTexts, texts, textsOf } from '../../support/stage.ts'
import type { Rule } from './rules.ts'

const waiting = { timeout: PATIENCE }

export function waitingRules(rule: Rule): void {
  describe('waiting calls', () => {
    rule('any number of receives may wait, and are served in order', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const receives = Array.from({ length: 50 }, () => pull.receive(waiting))
      const sent = numbered('message', 50)
      for (const message of sent) await push.send(message)
      const received = await Promise.all(receives)
      expect(received.map(message => textsOf(message)[0])).toEqual(texts(sent))
    })

    rule('any number of sends may wait, and are served in order', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      const sent = numbered('message', 50)
      const sends = sent.map(message => push.send(message, waiting))
      await stage.join(pull, push)
      expect(await receiveTexts(pull, 50)).toEqual(texts(sent))
      await Promise.all(sends)
    })

    rule('a receive that times out eats no message', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      await expect(pull.receive({ timeout: 1 })).rejects.toThrow(TimeoutError)
      await push.send(Buffer.from('kept'))
      expect(await receiveText(pull)).toBe('kept')
    })

    rule('a receive that is aborted rejects with the reason and eats no message', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const reason = new Error('changed my mind')
      await expect(pull.receive({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const controllers = Array.from({ length: 3 }, () => new AbortController())
      const receives = controllers.map(({ signal }) => pull.receive({ signal, timeout: PATIENCE }))
      controllers[0]!.abort(reason)
      controllers[2]!.abort(reason)
      await expect(receives[0]).rejects.toBe(reason)
      await expect(receives[2]).rejects.toBe(reason)
      for (const message of numbered('kept', 2)) await push.send(message)
      expect(textsOf(await receives[1]!)).toEqual(['kept 0'])
      expect(await receiveText(pull)).toBe('kept 1')
    })

    rule('an abort in the turn in which the message comes loses nothing', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const sent = numbered('message', 100)
      const received: string[] = []
      for (const message of sent) {
        const controller = new AbortController()
        const receive = Promise.resolve(pull.receive({ signal: controller.signal }))
        const other = Promise.resolve(pull.receive(waiting))
        await push.send(message)
        setImmediate(() => controller.abort(new Error('late')))
        const first = await receive.then(message => textsOf(message)[0]!).catch(() => undefined)
        if (first !== undefined) {
          received.push(first)
          // The other receive is still waiting: give it something of its own.
          await push.send(Buffer.from('filler'))
          expect(textsOf(await other)).toEqual(['filler'])
        } else received.push(textsOf(await other)[0]!)
      }
      expect(received).toEqual(texts(sent))
    })

    rule('a send that times out, or is aborted, was not sent', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await expect(push.send(Buffer.from('late'), { timeout: 1 })).rejects.toThrow(TimeoutError)
      const reason = new Error('changed my mind')
      const controller = new AbortController()
      const aborted = push.send(Buffer.from('aborted'), { signal: controller.signal })
      const kept = push.send(Buffer.from('kept'), waiting)
      controller.abort(reason)
      await expect(aborted).rejects.toBe(reason)
      await expect(push.send(Buffer.from('never'), { signal: AbortSignal.abort(reason) })).rejects.toBe(
        reason,
      )
      await stage.join(pull, push)
      await kept
      await push.send(Buffer.from('last'))
      expect(await receiveTexts(pull, 2)).toEqual(['kept', 'last'])
    })

    rule('trySend and tryReceive never wait, and give way to those who do', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      expect(push.trySend(Buffer.from('nobody'))).toBe(false)
      expect(pull.tryReceive()).toBeUndefined()
      const first = push.send(Buffer.from('first'), waiting)
      const second = pull.receive(waiting)
      expect(pull.tryReceive()).toBeUndefined()
      await stage.join(pull, push)
      await first
      expect(textsOf(await second)).toEqual(['first'])
      expect(push.trySend(Buffer.from('second'))).toBe(true)
      expect(await receiveText(pull)).toBe('second')
    })

    rule('a time-out that is none is refused at once, and quoted', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.near('PULL')]
      for (const timeout of [-1, Number.NaN, 2 ** 31]) {
        for (const call of [
          push.send(Buffer.from('x'), { timeout }),
          Promise.resolve(pull.receive({ timeout })),
          pull.connected(1, { timeout }),
        ]) {
          const error = await call.then(() => undefined).catch(error => error)
          expect(error).toBeInstanceOf(OptionError)
          expect(error.message).toContain(String(timeout))
        }
      }
    })

    rule('Infinity is no time-out', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      const received = pull.receive({ timeout: Infinity })
      const sent = push.send(Buffer.from('eventually'), { timeout: Infinity })
      const there = next(pull, 'handshake')
      await stage.join(pull, push)
      await Promise.all([there, sent])
      expect(textsOf(await received)).toEqual(['eventually'])
    })
  })
}
