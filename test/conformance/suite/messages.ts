/** Messages arrive whole, unchanged and in order, whatever their size and number of parts. */
import { describe, expect } from 'vitest'
import { byteLengthOf, type Message, partsOf } from '../../../src/message.ts'
import { numbered, receiveTexts, texts } from '../../support/stage.ts'
import type { Rule } from './rules.ts'

/** Around the limits of frames, slabs, copies and what is believed of a length; and the largest. */
const SIZES = [0, 1, 48, 49, 254, 255, 256, 8192, 8193, 65_535, 65_536, 65_537, 1_048_577, 5_000_000]

/** Bytes that tell where they stand. */
function patterned(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  for (let index = 0; index < size; index++) bytes[index] = (index * 7 + (index >> 8)) & 0xff
  return bytes
}

function same(received: Message, sent: Message): boolean {
  const [ours, theirs] = [partsOf(received), partsOf(sent)]
  return ours.length === theirs.length && ours.every((part, at) => Buffer.compare(part, theirs[at]!) === 0)
}

export function messageRules(rule: Rule): void {
  describe('messages', () => {
    for (const direction of ['near to far', 'far to near'] as const) {
      rule(`of any size arrive unchanged, ${direction}`, async stage => {
        const ends = [stage.near('PAIR'), stage.far('PAIR')] as const
        await stage.join(...ends)
        const [from, to] = direction === 'near to far' ? ends : [ends[1], ends[0]]
        for (const size of SIZES) {
          const message = patterned(size)
          const [received] = await Promise.all([to.receive(), from.send(message)])
          expect(byteLengthOf(received)).toBe(size)
          expect(same(received, message)).toBe(true)
        }
      })

      rule(`of several parts stay whole, ${direction}`, async stage => {
        const ends = [stage.near('PAIR'), stage.far('PAIR')] as const
        await stage.join(...ends)
        const [from, to] = direction === 'near to far' ? ends : [ends[1], ends[0]]
        const empty = Buffer.alloc(0)
        const messages: Message[] = [
          [empty, empty],
          [empty, patterned(10), empty],
          [patterned(300), empty, patterned(70_000), patterned(1)],
          Array.from({ length: 1000 }, (_, index) => Buffer.from(`part ${index}`)),
        ]
        const sent = Promise.all(messages.map(message => from.send(message)))
        for (const message of messages) expect(same(await to.receive(), message)).toBe(true)
        await sent
      })
    }

    rule('keep their order from one sender to one receiver', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const sent = numbered('message', 5000)
      const sending = (async () => {
        for (const message of sent) await push.send(message)
      })()
      expect(await receiveTexts(pull, sent.length)).toEqual(texts(sent))
      await sending
    })

    rule('large and small keep their order', async stage => {
      const [push, pull] = [stage.near('PUSH'), stage.far('PULL')]
      await stage.join(pull, push)
      const sizes = Array.from({ length: 60 }, (_, index) => (index % 3 === 0 ? 200_000 : index))
      const sent = Promise.all(sizes.map(size => push.send(patterned(size))))
      for (const size of sizes) expect(byteLengthOf(await pull.receive())).toBe(size)
      await sent
    })
  })
}
