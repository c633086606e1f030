/** One trace over two processes: a request and a job leave here, their other halves happen in worker.ts. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Push, Request } from 'typedmq'
import type { Traced } from 'typedmq/observability'
import { startTracing } from './spans.ts'

const tracing = startTracing('main  ')
const codec = tracing.codec()
await using prices = new Request<Traced<string>, Traced<number>>({ codec })
await using orders = new Push<Traced<string>>({ codec })

const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [
  await prices.bind('tcp://127.0.0.1:0'),
  await orders.bind('tcp://127.0.0.1:0'),
])

const price = await tracing.request(prices, 'apple', { name: 'ask the price' })
await tracing.send(orders, `an apple for ${price}`, { name: 'order' })
await once(worker, 'exit')
