/** Bind and connect in any order, several endpoints a socket, and letting go of them again. */
import { describe, expect } from 'vitest'
import { AddressError } from '../../../src/errors.ts'
import { next, numbered, PATIENCE, receiveText, receiveTexts, texts } from '../../support/stage.ts'
import type { Rule } from './rules.ts'

export function endpointRules(rule: Rule): void {
  describe('endpoints', () => {
    rule('bind answers an endpoint that can be connected to', async stage => {
      const pull = stage.far('PULL')
      const push = stage.near('PUSH')
      const asked = stage.transport.fresh()
      const told = next(pull, 'bind')
      const endpoint = await pull.bind(asked)
      expect(await told).toMatchObject({ endpoint })
      if (asked.endsWith(':0')) expect(endpoint).toMatch(/:[1-9]\d*$/)
      else expect(endpoint).toBe(asked)
      push.connect(endpoint)
      await push.send(Buffer.from('hello'))
      expect(await receiveText(pull)).toBe('hello')
    })

    for (const sender of ['near', 'far'] as const) {
      rule(`a ${sender} sender may bind`, async stage => {
        const push = stage[sender]('PUSH')
        const pull = stage[sender === 'near' ? 'far' : 'near']('PULL')
        await stage.join(push, pull)
        await push.send(Buffer.from('down'))
        expect(await receiveText(pull)).toBe('down')
      })

      rule(`a ${sender} sender may connect before anybody has bound`, async stage => {
        const endpoint = await stage.transport.absent()
        const push = stage[sender]('PUSH', { reconnectInterval: 10, reconnectIntervalMax: 20 })
        const pull = stage[sender === 'near' ? 'far' : 'near']('PULL')
        push.connect(endpoint)
        const sent = numbered('early', 3)
        for (const message of sent) await push.send(message)
        await pull.bind(endpoint)
        expect(await receiveTexts(pull, 3)).toEqual(texts(sent))
      })

      rule(`a ${sender} receiver may connect before anybody has bound`, async stage => {
        const endpoint = await stage.transport.absent()
        const pull = stage[sender === 'near' ? 'far' : 'near']('PULL', {
          reconnectInterval: 10,
          reconnectIntervalMax: 20,
        })
        const push = stage[sender]('PUSH')
        pull.connect(endpoint)
        await push.bind(endpoint)
        await push.send(Buffer.from('late'))
        expect(await receiveText(pull)).toBe('late')
      })
    }

    rule('a socket may bind and connect to several endpoints', async stage => {
      const pull = stage.near('PULL')
      const first = await pull.bind(stage.transport.fresh())
      const second = await pull.bind(stage.transport.fresh())
      const pushes = [stage.far('PUSH'), stage.far('PUSH'), stage.far('PUSH')]
      pushes[0]!.connect(first)
      pushes[1]!.connect(second)
      pull.connect(await pushes[2]!.bind(stage.transport.fresh()))
      await Promise.all(pushes.map((push, index) => push.send(Buffer.from(`from ${index}`))))
      expect((await receiveTexts(pull, 3)).sort()).toEqual(['from 0', 'from 1', 'from 2'])
      await pull.connected(3, { timeout: PATIENCE })
    })

    rule(
      'after unbind nobody new gets in, and who is in stays',
      async stage => {
        const pull = stage.near('PULL')
        const early = stage.far('PUSH')
        const endpoint = await stage.join(pull, early)
        await pull.unbind(endpoint)
        const late = stage.far('PUSH', { immediate: true, reconnectInterval: 10, reconnectIntervalMax: 10 })
        if (stage.transport.name === 'inproc') late.connect(endpoint)
        else {
          const refused = next(late, 'connect:retry')
          late.connect(endpoint)
          await refused
        }
        expect(late.trySend(Buffer.from('nobody'))).toBe(false)
        await early.send(Buffer.from('still here'))
        expect(await receiveText(pull)).toBe('still here')
      },
      'unbind-keeps-peers',
    )

    rule('an endpoint can be bound again after unbind, and diallers come back', async stage => {
      const first = stage.near('PULL')
      const push = stage.far('PUSH', { reconnectInterval: 10, reconnectIntervalMax: 20 })
      const endpoint = await stage.join(first, push)
      await first.unbind(endpoint)
      await first.close({ linger: 0 })
      const second = stage.near('PULL')
      await second.bind(endpoint)
      await second.connected(1, { timeout: PATIENCE })
      await push.send(Buffer.from('again'))
      expect(await receiveText(second)).toBe('again')
    })

    rule('disconnect lets the peer go, and connect brings it back', async stage => {
      const pull = stage.far('PULL')
      const push = stage.near('PUSH', { immediate: true })
      const endpoint = await stage.join(pull, push)
      const gone = next(pull, 'disconnect')
      push.disconnect(endpoint)
      await gone
      push.connect(endpoint)
      await push.send(Buffer.from('again'), { timeout: PATIENCE })
      expect(await receiveText(pull)).toBe('again')
    })

    rule(
      'after disconnect nothing is taken for that peer',
      async stage => {
        const pull = stage.far('PULL')
        const push = stage.near('PUSH', { immediate: true })
        const endpoint = await stage.join(pull, push)
        push.disconnect(endpoint)
        expect(push.trySend(Buffer.from('nobody'))).toBe(false)
      },
      'prompt-disconnect',
    )

    rule(
      'connect and disconnect at once leave nobody behind',
      async stage => {
        const pull = stage.far('PULL')
        const push = stage.near('PUSH')
        const endpoint = await pull.bind(stage.transport.fresh())
        push.connect(endpoint)
        push.disconnect(endpoint)
        // What comes after it shows that the first attempt is over.
        const other = stage.near('PUSH')
        other.connect(endpoint)
        await other.connected(1)
        await pull.connected(1)
        await other.send(Buffer.from('other'))
        expect(await receiveText(pull)).toBe('other')
        expect(push.peers).toHaveLength(0)
        expect(pull.peers).toHaveLength(1)
        expect(push.trySend(Buffer.from('nobody'))).toBe(false)
      },
      'prompt-disconnect',
    )

    rule('whoever disconnects as soon as the connection stands has no peer', async stage => {
      const pull = stage.far('PULL')
      const push = stage.near('PUSH')
      const endpoint = await pull.bind(stage.transport.fresh())
      const stands = stage.transport.name === 'inproc' ? 'handshake' : 'connect'
      const left = next(push, stands).then(() => {})
      push.events.once(stands, () => push.disconnect(endpoint))
      push.connect(endpoint)
      await left
      const other = stage.near('PUSH')
      other.connect(endpoint)
      await other.connected(1)
      expect(push.peers).toHaveLength(0)
      expect(push.trySend(Buffer.from('nobody'))).toBe(false)
    })

    rule('what is not bound or connected cannot be let go', async stage => {
      const push = stage.near('PUSH')
      const nowhere = await stage.transport.absent()
      await expect(push.unbind(nowhere)).rejects.toThrow(AddressError)
      await expect(push.unbind(nowhere)).rejects.toThrow(nowhere)
      expect(() => push.disconnect(nowhere)).toThrow(AddressError)
      expect(() => push.disconnect(nowhere)).toThrow(nowhere)
    })

    rule('an endpoint in use is an error that quotes it, and its owner is not disturbed', async stage => {
      const pull = stage.far('PULL')
      const push = stage.near('PUSH')
      const endpoint = await stage.join(pull, push)
      const second = stage.near('PULL')
      const error = await second.bind(endpoint).catch(error => error)
      expect(error).toBeInstanceOf(AddressError)
      expect(error).toMatchObject({ code: 'ADDRESS_IN_USE', endpoint })
      expect(error.message).toContain(endpoint)
      await push.send(Buffer.from('undisturbed'))
      expect(await receiveText(pull)).toBe('undisturbed')
    })
  })
}
