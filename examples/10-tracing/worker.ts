/** The other process: answers one question, then takes one job. */
import { Pull, Reply } from 'typedmq'
import type { Traced } from 'typedmq/observability'
import { startTracing } from './spans.ts'

const tracing = startTracing('worker')
const codec = tracing.codec()
const [prices, orders] = process.argv.slice(2) as [string, string]

await using reply = new Reply<Traced<string>, Traced<number>>({ codec }).connect(prices)
await using pull = new Pull<Traced<string>>({ codec }).connect(orders)

void tracing.serve(reply, fruit => fruit.length, { name: 'look the price up' })
await tracing.consume(await pull.receive(), order => console.log(`worker got ${order}`), { name: 'deliver' })
