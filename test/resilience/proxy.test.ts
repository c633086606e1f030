/** A proxy outlives whatever its peers send through it. */
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { raw } from '../../src/codec/raw.ts'
import type { Message } from '../../src/message.ts'
import { Dealer } from '../../src/sockets/dealer.ts'
import { proxy } from '../../src/sockets/proxy.ts'
import { Router } from '../../src/sockets/router.ts'
import { inproc } from '../support/transports.ts'

const own = { codec: raw, linger: 0, maxParts: 4 }

/** A message that the proxy cannot pass on, from the given side, and then one that it can. */
for (const [name, side, message] of [
  ['a worker that answers without an envelope', 'back', Buffer.from('nobody')],
  ['a client that sends as many parts as one may', 'front', [1, 2, 3, 4].map(() => Buffer.from('part'))],
] as const) {
  it(`${name} does not end it`, async () => {
    await using front = new Router<Message, Message>(own)
    await using back = new Dealer<Message, Message>(own)
    await using client = new Dealer<Message, Message>({ codec: raw, linger: 0 })
    await using worker = new Dealer<Message, Message>({ codec: raw, linger: 0 })
    client.connect(await front.bind(inproc.fresh()))
    worker.connect(await back.bind(inproc.fresh()))
    const running = proxy(front, back)
    const dropped = once(side === 'front' ? back.events : front.events, 'message:dropped')
    await (side === 'front' ? client : worker).send(message)
    expect((await dropped)[0]).toMatchObject({ cause: 'malformed', count: 1 })
    await client.send([Buffer.from('hello')])
    await worker.send(await worker.receive({ timeout: 10_000 }))
    expect(String(await client.receive({ timeout: 10_000 }))).toBe('hello')
    await Promise.all([front.close(), back.close()])
    await running
  })
}
