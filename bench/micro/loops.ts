/** What messages within a process cost, and how much of that is `await` and `for await` alone. `npx tsx bench/micro/loops.ts` */
import { Pull, Push, raw } from '../../src/index.ts'
import { measure, type Work } from './measure.ts'

const payload = Buffer.alloc(16)
const taken = Promise.resolve()

const pull = new Pull({ codec: raw })
const push = new Push({ codec: raw })
push.connect(await pull.bind('inproc://loops'))
await pull.connected()

/** A loop that sends and a loop that receives, side by side. */
const loops =
  (send: () => Promise<void>, values: AsyncIterable<unknown>): Work =>
  async count => {
    const receiving = (async () => {
      let left = count
      for await (const _ of values) if (--left === 0) break
    })()
    for (let sent = 0; sent < count; sent++) await send()
    await receiving
  }

const nothing: AsyncIterable<Buffer> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: payload }) }),
}

await measure('16 B within a process', 'messages', {
  'the two loops, nothing between': loops(() => taken, nothing),
  'await send, for await': loops(() => push.send(payload), pull),
  async 'trySend, receiveMany'(count) {
    for (let left = count; left > 0; ) {
      let sent = 0
      while (sent < Math.min(left, 1000) && push.trySend(payload)) sent++
      for (let got = 0; got < sent; ) got += (await pull.receiveMany(sent - got)).length
      left -= sent
    }
  },
})
await Promise.all([push.close(), pull.close()])
