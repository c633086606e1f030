/** A libzmq peer in a process of its own: a puller that reads only when told to, or a pusher of numbers. */
import { createInterface } from 'node:readline'
import { Pull, Push } from 'zeromq'

const lines = createInterface({ input: process.stdin })
const order = () => new Promise<string>(resolve => lines.once('line', resolve))

const [role, endpoint, interval, timeout, sent] = process.argv.slice(2)

if (role === 'pull') {
  // With heartbeats of its own libzmq would end the connection itself: it does not read our answers while it is full.
  const pull = new Pull({ receiveHighWaterMark: 10, linger: 0 })
  pull.connect(endpoint!)
  const count = Number(await order())
  let expected = 0
  while (expected < count) {
    const [number] = await pull.receive()
    if (String(number) !== String(expected)) break
    expected++
  }
  console.log(expected === count ? `${count} in order` : `out of order after ${expected}`)
  pull.close()
} else {
  const beats = { heartbeatInterval: Number(interval), heartbeatTimeout: Number(timeout) }
  const push = new Push({ ...beats, sendHighWaterMark: 10, linger: -1 })
  push.connect(endpoint!)
  await order()
  for (let number = 0; number < Number(sent); number++) {
    await push.send([String(number), Buffer.alloc(100_000)])
  }
  await order()
  push.close()
}
lines.close()
process.stdin.destroy()
