/** Programs of the dead peer test: a pusher that binds and reports, and libzmq pullers that read all they get. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Pull } from 'zeromq'
import { Push, raw } from '../../../src/index.ts'

const [role, endpoint, options] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })
const order = () => new Promise<string>(resolve => lines.once('line', resolve))

/** More than the system and libzmq hold for one peer. */
const COUNT = 2000
const message = () => Buffer.alloc(10_000)

if (role === 'pull') {
  const pull = new Pull({ receiveHighWaterMark: 10, linger: 0 })
  pull.connect(endpoint!)
  let received = 0
  for (;;) {
    const [part] = await pull.receive()
    if (part!.length === 0) break
    received++
  }
  console.log(received)
} else {
  const push = new Push<any>({ codec: raw, linger: 0, sendHighWaterMark: 10, ...JSON.parse(options!) })
  await push.bind(endpoint!)
  console.log('bound')
  await push.connected(2)
  for (let sent = 0; sent < 100; sent++) await push.send(message())
  console.log('connected')
  await order()
  const gone = once(push.events, 'disconnect')
  for (let sent = 0; sent < COUNT; sent++) await push.send(message())
  console.log(push.peers.length)
  const [{ error, possiblyLost }] = await gone
  // Everything that waited for the dead peer goes before this.
  await push.send(Buffer.alloc(0))
  console.log(JSON.stringify({ error: error.message, possiblyLost, sent: 100 + COUNT }))
  await order()
}
process.exit()
