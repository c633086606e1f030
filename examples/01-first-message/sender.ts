/** Sends one message, and ends when it has left. Start it before or after receiver.ts, in another terminal. */
import { Push } from 'typedmq'
import type { Greeting } from './greeting.ts'

await using push = new Push<Greeting>()
push.connect(process.argv[2] ?? 'tcp://127.0.0.1:5555')

// `connect` returns at once and dials until somebody is there.
await push.connected()
await push.send({ from: `process ${process.pid}`, text: 'Hello, World!' })
console.log('sent')
