/** Says that it is ready, does the job it is given, and says so again. */
import { setTimeout as work } from 'node:timers/promises'
import { Dealer } from 'typedmq'
import type { Order, Ready } from './contract.ts'

const [endpoint, worker] = process.argv.slice(2) as [string, string]
await using dealer = new Dealer<Ready, Order>({ routingId: worker }).connect(endpoint)

await dealer.send({ worker })
for await (const order of dealer) {
  if ('end' in order) break
  await work(order.job)
  await dealer.send({ worker, done: order.job })
}
