/** Whose message is consumed when: loops, calls, batches and handlers. */
import { describe, expect, test } from 'vitest'
import { ClosedError } from '../../../src/errors.ts'
import { curveClient, curveKeyPair, curveServer } from '../../../src/security/curve/index.ts'
import { Pull, Push } from '../../../src/sockets/push-pull.ts'
import { Reply } from '../../../src/sockets/reply.ts'
import { Request } from '../../../src/sockets/request.ts'

const trace = true

async function pipeline() {
  const [push, pull] = [new Push<number>({ trace }), new Pull<number>({ trace })]
  push.connect(await pull.bind('tcp://127.0.0.1:0'))
  await push.connected()
  for (let number = 0; number < 6; number++) await push.send(number)
  const consumed = () => pull.stats().trace!.consume?.samples ?? 0
  const close = async () => void (await Promise.all([push.close(), pull.close()]))
  return { push, pull, consumed, [Symbol.asyncDispose]: close }
}

describe('A message is consumed', () => {
  test('when its loop asks for the next, or is left; loops do not end each other', async () => {
    await using stage = await pipeline()
    const [one, other] = [stage.pull[Symbol.asyncIterator](), stage.pull[Symbol.asyncIterator]()]
    await one.next()
    await other.next()
    expect(stage.consumed()).toBe(0)
    await one.next()
    expect(stage.consumed()).toBe(1)
    await one.return!()
    await other.return!()
    expect(stage.consumed()).toBe(3)
  })

  test('when the next call comes, a whole batch at once', async () => {
    await using stage = await pipeline()
    await stage.pull.receive()
    await stage.pull.receive()
    expect(stage.consumed()).toBe(1)
    let taken = 0
    while (taken < 4) taken += (await stage.pull.receiveMany(4 - taken)).length
    expect(stage.consumed()).toBeGreaterThanOrEqual(2)
    expect(stage.pull.tryReceive()).toBeUndefined()
    expect(stage.consumed()).toBe(6)
  })

  test('when its handler has ended, each on its own', async () => {
    const keys = curveKeyPair()
    await using reply = new Reply<number, number>({ trace, security: curveServer(keys) })
    await using request = new Request<number, number>({
      trace,
      security: curveClient({ ...curveKeyPair(), serverKey: keys.publicKey }),
    })
    request.connect(await reply.bind('tcp://127.0.0.1:0'))
    const answers = new Map<number, () => void>()
    const serving = reply.serve(
      number => new Promise<number>(resolve => answers.set(number, () => resolve(number * 2))),
    )
    const asked = [1, 2].map(number => request.request(number))
    while (answers.size < 2) await new Promise(resolve => setImmediate(resolve))
    expect(reply.stats().trace).toMatchObject({ messages: 2, consume: undefined })
    answers.get(2)!()
    expect(await asked[1]).toBe(4)
    expect(reply.stats().trace!.consume!.samples).toBe(1)
    answers.get(1)!()
    expect(await asked[0]).toBe(2)
    expect(request.stats().trace).toMatchObject({ messages: 2 })
    await reply.close()
    await serving
  })

  test('also by who is told that the socket is closed', async () => {
    const stage = await pipeline()
    await stage.pull.receive()
    await stage[Symbol.asyncDispose]()
    await expect(stage.pull.receive()).rejects.toThrow(ClosedError)
    expect(stage.consumed()).toBe(1)
  })
})
