/** High-water marks: exact, per peer and direction, in messages and in bytes, whichever is reached first. */
import { describe, expect } from 'vitest'
import { A_WHILE, fill, numbered, PATIENCE, receiveText, receiveTexts, texts } from '../../support/stage.ts'
import type { WholeSocket } from '../../support/whole.ts'
import type { Rule } from './rules.ts'

/** One read of a stream socket brings at most this much. */
const ONE_READ = 64 * 1024

/** Sends until `trySend` answers false; answers how many were taken. */
function takenAtOnce(socket: WholeSocket, message: Buffer): number {
  let count = 0
  while (count < 100_000 && socket.trySend(message)) count++
  return count
}

/** Fills until the receiver has read at least `least` messages, and no more goes. */
async function fillBoth(
  sender: WholeSocket,
  receiver: WholeSocket,
  message: Buffer,
  least: number,
): Promise<number> {
  let sent = 0
  // A receiver on a busy machine may not have begun to read when the sender finds no room for a while.
  do sent += await fill(sender, message)
  while (receiver.stats().traffic.waiting! < least)
  return sent
}

export function markRules(rule: Rule): void {
  describe('marks', () => {
    for (const type of ['PUSH', 'DEALER', 'REQ', 'PAIR'] as const) {
      const message = type === 'REQ' ? [Buffer.alloc(0), Buffer.from('question')] : Buffer.from('message')

      rule(
        `a ${type} that has connected queues up to sendHighWaterMark messages, not one more`,
        async stage => {
          const socket = stage.near(type, { sendHighWaterMark: 7 })
          socket.connect(await stage.transport.absent())
          for (let count = 0; count < 7; count++) expect(socket.trySend(message)).toBe(true)
          expect(socket.trySend(message)).toBe(false)
          await expect(socket.send(message, { timeout: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' })
        },
        'exact-marks',
      )
    }

    rule(
      'sendHighWaterMarkBytes bounds the queue as exactly, and an empty queue takes any message',
      async stage => {
        const push = stage.near('PUSH', { sendHighWaterMarkBytes: 1000 })
        push.connect(await stage.transport.absent())
        expect(takenAtOnce(push, Buffer.alloc(300))).toBe(4)
        const large = stage.near('PUSH', { sendHighWaterMarkBytes: 10 })
        large.connect(await stage.transport.absent())
        expect(takenAtOnce(large, Buffer.alloc(5000))).toBe(1)
      },
      'byte-marks',
    )

    rule(
      'what was queued up to the mark arrives, and then there is room again',
      async stage => {
        const endpoint = await stage.transport.absent()
        const push = stage.near('PUSH', {
          sendHighWaterMark: 5,
          reconnectInterval: 10,
          reconnectIntervalMax: 20,
        })
        push.connect(endpoint)
        const sent = numbered('message', 20)
        const sends = sent.map(message => push.send(message, { timeout: PATIENCE }))
        const pull = stage.far('PULL')
        await pull.bind(endpoint)
        expect(await receiveTexts(pull, 20)).toEqual(texts(sent))
        await Promise.all(sends)
      },
      'exact-marks',
    )

    rule(
      'a receiver reads at most receiveHighWaterMark messages and what one read brings',
      async stage => {
        const pull = stage.far('PULL', { receiveHighWaterMark: 10 })
        const push = stage.near('PUSH', { sendHighWaterMark: 20 })
        await stage.join(pull, push)
        const size = 1000
        const sent = await fillBoth(push, pull, Buffer.alloc(size), 10)
        const { waiting } = pull.stats().traffic
        if (stage.transport.name === 'inproc') {
          expect(sent).toBe(30)
          expect(waiting).toBe(30)
        } else {
          expect(waiting).toBeLessThanOrEqual(10 + ONE_READ / size)
        }
      },
      'exact-marks',
      'peer-traffic',
    )

    rule(
      'a receiver reads at most receiveHighWaterMarkBytes and what one read brings',
      async stage => {
        const size = 10_000
        const pull = stage.far('PULL', { receiveHighWaterMarkBytes: 20 * size })
        const push = stage.near('PUSH', { sendHighWaterMarkBytes: 10 * size })
        await stage.join(pull, push)
        const sent = await fillBoth(push, pull, Buffer.alloc(size), 20)
        const { waiting } = pull.stats().traffic
        if (stage.transport.name === 'inproc') {
          expect(sent).toBe(30)
          expect(waiting).toBe(30)
        } else {
          expect(waiting).toBeLessThanOrEqual(20 + Math.ceil(ONE_READ / size))
        }
      },
      'byte-marks',
      'peer-traffic',
    )

    rule(
      'a receive mark holds also when each message comes alone',
      async stage => {
        const pull = stage.far('PULL', { receiveHighWaterMark: 2 })
        const push = stage.near('PUSH', { sendHighWaterMark: 2 })
        await stage.join(pull, push)
        for (let sent = 1; sent <= 20; sent++) {
          push.trySend(Buffer.from('alone'))
          if (sent > 2) continue
          await expect.poll(() => pull.stats().traffic.waiting, { interval: 1, timeout: PATIENCE }).toBe(sent)
        }
        await fill(push, Buffer.from('alone'))
        expect(pull.stats().traffic.waiting).toBeLessThanOrEqual(stage.transport.name === 'inproc' ? 4 : 2)
      },
      'exact-marks',
      'peer-traffic',
    )

    rule(
      'marks are per peer: a full one leaves the others their own',
      async stage => {
        const push = stage.near('PUSH', { sendHighWaterMark: 3 })
        push.connect(await stage.transport.absent())
        expect(takenAtOnce(push, Buffer.alloc(1))).toBe(3)
        push.connect(await stage.transport.absent())
        expect(takenAtOnce(push, Buffer.alloc(1))).toBe(3)
      },
      'exact-marks',
    )

    rule('a receiver that begins to read lets a sender that waits go on', async stage => {
      const pull = stage.far('PULL', { receiveHighWaterMark: 2 })
      const push = stage.near('PUSH', { sendHighWaterMark: 2 })
      await stage.join(pull, push)
      const size = 300_000
      const count = await fill(push, Buffer.alloc(size))
      const last = push.send(Buffer.from('last'), { timeout: PATIENCE })
      for (let at = 0; at < count; at++) expect(await pull.receive()).toHaveLength(size)
      await last
      expect(await receiveText(pull)).toBe('last')
    })

    rule(
      'queued and waiting messages are shown in the statistics',
      async stage => {
        const push = stage.near('PUSH')
        push.connect(await stage.transport.absent())
        for (const message of numbered('m', 3)) await push.send(message)
        expect(push.stats().traffic).toMatchObject({ queued: 3, queuedBytes: 9, sent: 0 })
      },
      'peer-traffic',
    )
  })

  describe('time', () => {
    rule('a send to a full peer waits for as long as it was told to', async stage => {
      const push = stage.near('PUSH')
      const begun = performance.now()
      await expect(push.send(Buffer.from('x'), { timeout: A_WHILE })).rejects.toMatchObject({
        code: 'TIMEOUT',
      })
      // Timers may fire up to a millisecond early.
      expect(performance.now() - begun).toBeGreaterThanOrEqual(A_WHILE - 1)
    })
  })
}
