/** The end of a socket: what close reports, what calls after it answer, and what events tell. */
import { describe, expect } from 'vitest'
import { ClosedError } from '../../../src/errors.ts'
import { A_WHILE, fill, next, numbered, PATIENCE, receiveTexts, texts } from '../../support/stage.ts'
import type { Rule } from './rules.ts'

const waiting = { timeout: PATIENCE }

export function closingRules(rule: Rule): void {
  describe('close', () => {
    rule(
      'sends what is queued first, however much it is',
      async stage => {
        const [push, pull] = [stage.near('PUSH', { sendHighWaterMark: 10_000 }), stage.far('PULL')]
        await stage.join(pull, push)
        const sent = numbered('message', 5000)
        for (const message of sent) expect(push.trySend(message)).toBe(true)
        const closed = push.close({ linger: PATIENCE })
        expect(await receiveTexts(pull, sent.length)).toEqual(texts(sent))
        expect((await closed).dropped ?? 0).toBe(0)
      },
      'hang-up',
    )

    rule(
      'reports what was flushed meanwhile',
      async stage => {
        const endpoint = await stage.transport.absent()
        const push = stage.near('PUSH', { reconnectInterval: 10, reconnectIntervalMax: 20 })
        push.connect(endpoint)
        for (const message of numbered('message', 5)) await push.send(message)
        const closing = push.close({ linger: PATIENCE })
        const pull = stage.far('PULL')
        await pull.bind(endpoint)
        expect(await receiveTexts(pull, 5)).toEqual(texts(numbered('message', 5)))
        expect(await closing).toEqual({ flushed: 5, dropped: 0 })
      },
      'close-report',
    )

    rule(
      'reports, counts and tells what it had to drop when linger is over',
      async stage => {
        const push = stage.near('PUSH')
        push.connect(await stage.transport.absent())
        for (const message of numbered('message', 3)) await push.send(message)
        const told = next(push, 'message:dropped')
        const ended = next(push, 'close')
        expect(await push.close({ linger: 1 })).toEqual({ flushed: 0, dropped: 3 })
        expect(await told).toEqual({ cause: 'linger', count: 3, peer: undefined })
        expect(await ended).toEqual({ flushed: 0, dropped: 3 })
        expect(push.stats().dropped).toEqual({ linger: 3 })
      },
      'close-report',
    )

    rule(
      'a peer that does not read is waited for as long as linger says, then its messages are dropped',
      async stage => {
        const push = stage.near('PUSH', { sendHighWaterMark: 10 })
        const pull = stage.far('PULL', { receiveHighWaterMark: 1 })
        await stage.join(pull, push)
        await fill(push, Buffer.alloc(300_000))
        const queued = push.stats().traffic.queued!
        const begun = performance.now()
        const { flushed, dropped } = await push.close({ linger: A_WHILE })
        if (stage.transport.name === 'inproc') {
          // The peer has them already.
          expect({ flushed, dropped }).toEqual({ flushed: 0, dropped: 0 })
          return
        }
        expect(queued).toBeGreaterThan(0)
        expect(flushed! + dropped!).toBe(queued)
        expect(dropped).toBeGreaterThan(0)
        expect(performance.now() - begun).toBeGreaterThanOrEqual(A_WHILE - 1)
      },
      'close-report',
    )

    rule('what was sent right before it arrives', async stage => {
      const pull = stage.far('PULL')
      const endpoint = await pull.bind(stage.transport.fresh())
      for (let life = 0; life < 20; life++) {
        const push = stage.near('PUSH')
        push.connect(endpoint)
        await push.send(Buffer.from(`life ${life}`))
        const closing = push.close()
        expect(await receiveTexts(pull, 1)).toEqual([`life ${life}`])
        await closing
      }
    })

    rule('a second close answers the same', async stage => {
      const push = stage.near('PUSH')
      push.connect(await stage.transport.absent())
      await push.send(Buffer.from('message'))
      const [first, second] = await Promise.all([push.close({ linger: 0 }), push.close({ linger: PATIENCE })])
      expect(second).toBe(first)
      expect(await push.close()).toBe(first)
    })

    rule('whatever waits rejects as closed, and so does every later call', async stage => {
      for (const type of ['PUSH', 'PULL', 'DEALER', 'ROUTER', 'PUB', 'SUB', 'PAIR'] as const) {
        const socket = stage.near(type)
        const endpoint = await socket.bind(stage.transport.fresh())
        const sends = type !== 'PULL' && type !== 'SUB'
        const receives = type !== 'PUSH' && type !== 'PUB'
        const calls: Promise<unknown>[] = [socket.connected(1)]
        if (receives) calls.push(Promise.resolve(socket.receive()))
        if (type === 'PUSH' || type === 'PAIR') calls.push(socket.send(Buffer.from('x')))
        const refused = calls.map(call => expect(call).rejects.toThrow(ClosedError))
        await socket.close()
        await Promise.all(refused)
        await expect(socket.bind(endpoint)).rejects.toThrow(ClosedError)
        expect(() => socket.connect(endpoint)).toThrow(ClosedError)
        await expect(socket.connected(0)).rejects.toThrow(ClosedError)
        const message = [Buffer.from('a'), Buffer.from('b')]
        if (sends) {
          await expect(socket.send(message)).rejects.toThrow(ClosedError)
          expect(() => socket.trySend(message)).toThrow(ClosedError)
        }
        if (receives) {
          await expect(Promise.resolve(socket.receive())).rejects.toThrow(ClosedError)
          expect(() => socket.tryReceive()).toThrow(ClosedError)
        }
        expect(socket.peers).toHaveLength(0)
      }
    })

    rule('the endpoint is free at once', async stage => {
      let endpoint = stage.transport.fresh()
      for (let life = 0; life < 5; life++) {
        const pull = stage.near('PULL')
        endpoint = await pull.bind(endpoint)
        await pull.close()
      }
    })

    rule('at both ends at once ends both', async stage => {
      const [a, b] = [stage.near('PAIR'), stage.far('PAIR')]
      await stage.join(a, b)
      await a.send(Buffer.from('crossing'))
      await b.send(Buffer.from('crossing'))
      // Neither waits for the other, and nobody comes back to take what was not read.
      await Promise.all([a.close({ linger: Infinity }), b.close({ linger: Infinity })])
    })
  })

  describe('events and statistics', () => {
    rule('both ends tell of a peer that comes and of one that goes', async stage => {
      const [pull, push] = [stage.near('PULL'), stage.far('PUSH')]
      const came = [next(pull, 'handshake'), next(push, 'handshake')]
      const endpoint = await stage.join(pull, push)
      const [atPull, atPush] = await Promise.all(came)
      expect(atPull).toMatchObject({ endpoint, peer: { socketType: 'PUSH' } })
      expect(atPush).toMatchObject({ endpoint, peer: { socketType: 'PULL' } })
      const went = [next(pull, 'disconnect'), next(push, 'disconnect')]
      push.disconnect(endpoint)
      const [fromPull, fromPush] = await Promise.all(went)
      expect(fromPull).toMatchObject({ endpoint, peer: { id: atPull!.peer.id, socketType: 'PUSH' } })
      expect(fromPush).toMatchObject({ endpoint, peer: { id: atPush!.peer.id, socketType: 'PULL' } })
    })

    rule('dialling that fails tells so, with the pause until the next attempt', async stage => {
      if (stage.transport.name === 'inproc') return
      const push = stage.near('PUSH', { reconnectInterval: 2, reconnectIntervalMax: 4 })
      const endpoint = await stage.transport.absent()
      const told = next(push, 'connect:retry')
      push.connect(endpoint)
      const retry = await told
      expect(retry).toMatchObject({ endpoint, attempt: 1 })
      expect(retry.delay).toBeGreaterThanOrEqual(1)
      expect(retry.delay).toBeLessThanOrEqual(4)
    })

    rule(
      'traffic is counted for each peer and in total, peers that have gone included',
      async stage => {
        const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
        await stage.join(pull, push)
        for (const message of numbered('m', 10)) await push.send(message)
        await receiveTexts(pull, 10)
        const bytes = 30
        const sent = { sent: 10, sentBytes: bytes, queued: 0, queuedBytes: 0 }
        const received = { received: 10, receivedBytes: bytes, waiting: 0 }
        expect(push.stats().traffic).toMatchObject(sent)
        expect(push.peers[0]!.traffic).toMatchObject(sent)
        expect(pull.stats().traffic).toMatchObject(received)
        expect(pull.peers[0]!.traffic).toMatchObject(received)
        const gone = next(pull, 'disconnect')
        await push.close()
        await gone
        expect(pull.peers).toHaveLength(0)
        expect(pull.stats().traffic).toMatchObject(received)
      },
      'peer-traffic',
    )

    rule('a reconnection is counted', async stage => {
      const first = stage.near('PULL')
      const push = stage.far('PUSH', { reconnectInterval: 10, reconnectIntervalMax: 20 })
      const endpoint = await stage.join(first, push)
      expect(push.stats().reconnections).toBe(0)
      const gone = next(push, 'disconnect')
      await first.close()
      await gone
      const second = stage.near('PULL')
      const back = next(push, 'handshake')
      await second.bind(endpoint)
      await push.connected(1, waiting)
      await back
      expect(push.stats().reconnections).toBe(1)
    })
  })
}
