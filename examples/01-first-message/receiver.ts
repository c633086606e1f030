/** Waits for one message, prints it and ends. Start it before or after sender.ts, in another terminal. */
import { Pull } from 'typedmq'
import type { Greeting } from './greeting.ts'

await using pull = new Pull<Greeting>()
const endpoint = await pull.bind(process.argv[2] ?? 'tcp://127.0.0.1:5555')
console.log(`waiting at ${endpoint}`)

const { from, text } = await pull.receive()
console.log(`${from} says: ${text}`)
