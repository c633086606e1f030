/** One host of the half-open test: a pusher that binds and reports, or a puller that only receives. */
import { once } from 'node:events'
import { Pull, Push, raw } from '../../../src/index.ts'

const [role, endpoint] = process.argv.slice(2)
const SIZE = 10_000
const COUNT = 600
const HEARTBEATS = { heartbeatInterval: 100, heartbeatTimeout: 400 }

if (role === 'pull') {
  const pull = new Pull<any>({ codec: raw, receiveHighWaterMark: 10 })
  pull.connect(endpoint!)
  // Reads nothing: what it is sent stays where the network has it.
  await pull.connected()
  console.log('connected')
} else {
  const push = new Push<any>({ codec: raw, ...HEARTBEATS, linger: 0 })
  await push.bind(endpoint!)
  console.log('bound')
  await push.connected()
  console.log('connected')
  await once(process.stdin, 'data')
  const gone = once(push.events, 'disconnect')
  for (let sent = 0; sent < COUNT; sent++) await push.send(Buffer.alloc(SIZE))
  const [{ error, possiblyLost }] = await gone
  const pull = new Pull<any>({ codec: raw })
  pull.connect(endpoint!)
  let received = 0
  while (received < COUNT - possiblyLost) {
    await pull.receive()
    received++
  }
  console.log(JSON.stringify({ error: error.message, received, possiblyLost, sent: COUNT }))
  await Promise.all([pull.close(), push.close()])
  process.exit()
}
