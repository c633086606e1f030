/** Stands between clients and services, so that each needs to know one address only; tells what passes. */
import { fork } from 'node:child_process'
import { Dealer, Pair, proxy, Router, raw } from 'typedmq'

await using front = new Router()
await using back = new Dealer()
const [forClients, forServices] = [
  await front.bind('tcp://127.0.0.1:0'),
  await back.bind('tcp://127.0.0.1:0'),
]

// A copy of every message, in both directions.
await using capture = new Pair({ codec: raw }).connect('inproc://capture')
await using monitor = new Pair({ codec: raw })
await monitor.bind('inproc://capture')

const stop = new AbortController()
const running = proxy(front, back, { capture, signal: stop.signal })

const services = ['north', 'south'].map(name =>
  fork(new URL('./service.ts', import.meta.url), [forServices, name]),
)
await back.connected(2)
const client = fork(new URL('./client.ts', import.meta.url), [forClients])
await new Promise(resolve => client.once('exit', resolve))

stop.abort()
await running
for (const service of services) service.disconnect()

let passed = 0
while (monitor.tryReceive() !== undefined) passed++
console.log(`broker: ${passed} messages have passed`)
