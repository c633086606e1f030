/** Foreign peers of a socket that traces: they see the messages as always, and nothing else. */
import { afterAll, describe, expect, test } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import { type Message, partsOf } from '../../src/message.ts'
import { Dealer } from '../../src/sockets/dealer.ts'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import type { Foreign } from './foreign.ts'
import { Pyzmq, pyzmqMissing } from './pyzmq.ts'
import { zeromqJs } from './zeromq-js.ts'

const missing = pyzmqMissing()
const peers: Foreign[] = missing === undefined ? [zeromqJs, new Pyzmq()] : [zeromqJs]
const bind = 'tcp://127.0.0.1:*'
const bytes = (...parts: string[]) => parts.map(part => Buffer.from(part))
const texts = (message: Message) => partsOf(message).map(part => Buffer.from(part).toString())

afterAll(async () => {
  for (const peer of peers) await peer.close()
})

if (missing !== undefined) test.skip(`pyzmq is not asked (${missing})`, () => {})

describe.each(peers)('$name', foreign => {
  test('pulls what a tracing Push sends, in the same parts', async () => {
    const pull = await foreign.open('PULL', { bind })
    await using push = new Push<Message>({ codec: raw, trace: true }).connect(pull.endpoint)
    const messages = [bytes('one'), bytes('a', '', 'three parts'), bytes('x'.repeat(100_000)), bytes('')]
    for (const message of messages) await push.send(message)
    for (const message of messages)
      expect((await pull.receive()).map(part => Buffer.from(part).toString())).toEqual(texts(message))
    expect(push.peers[0]!.trace).toBeUndefined()
    await pull.close()
  })

  test('pushes to a tracing Pull, which traces nothing of it', async () => {
    await using pull = new Pull<Message>({ codec: raw, trace: true })
    const push = await foreign.open('PUSH', { connect: await pull.bind('tcp://127.0.0.1:0') })
    for (const text of ['one', 'two']) await push.send(bytes(text, 'more'))
    for (const text of ['one', 'two']) expect(texts(await pull.receive())).toEqual([text, 'more'])
    expect(pull.stats().trace).toMatchObject({ messages: 0, clock: undefined })
    await push.close()
  })

  test('converses with a tracing Dealer', async () => {
    const reply = await foreign.open('REP', { bind })
    await using dealer = new Dealer<Message, Message>({ codec: raw, trace: true }).connect(reply.endpoint)
    for (let round = 0; round < 3; round++) {
      await dealer.send(bytes(`question ${round}`))
      expect((await reply.receive()).map(part => Buffer.from(part).toString())).toEqual([`question ${round}`])
      await reply.send(bytes(`answer ${round}`))
      expect(texts(await dealer.receive())).toEqual([`answer ${round}`])
    }
    await reply.close()
  })
})
