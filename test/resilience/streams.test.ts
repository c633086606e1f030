/** Web streams over real transports: what a stream has not yielded is still the socket's. */
import { describe, expect, it } from 'vitest'
import { Pull, Push } from '../../src/sockets/push-pull.ts'
import { inproc, ipc, tcp } from '../support/transports.ts'

describe('a readable stream', () => {
  for (const transport of [inproc, tcp, ipc]) {
    it(`that is cancelled as a value comes loses none, and keeps their order, over ${transport.name}`, async () => {
      await using push = new Push<number>()
      await using pull = new Pull<number>()
      push.connect(await pull.bind(transport.fresh()))
      await push.connected()
      const count = 200
      const received: number[] = []
      for (let round = 0; round < count; round++) {
        const reader = pull.readable.getReader()
        const read = reader.read()
        await push.send(2 * round)
        push.trySend(2 * round + 1)
        // Over tcp it comes some turns later: now one more, now one less.
        for (let turn = 0; turn < round % 5; turn++) await new Promise(resolve => setImmediate(resolve))
        const cancelled = reader.cancel()
        const rest: number[] = []
        for (let value = pull.tryReceive(); value !== undefined; value = pull.tryReceive()) rest.push(value)
        await cancelled
        const { done, value } = await read
        received.push(...(done ? [] : [value]), ...rest)
      }
      while (received.length < 2 * count) received.push(await pull.receive({ timeout: 5_000 }))
      expect(received).toEqual(Array.from({ length: 2 * count }, (_, at) => at))
    })
  }
})
