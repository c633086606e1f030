/** Publishes the prices of three currencies to two screens, each of which wants another one. */
import { fork } from 'node:child_process'
import { Publisher } from 'typedmq'
import { market } from './market.ts'

await using exchange = new Publisher(market)
const endpoint = await exchange.bind('tcp://127.0.0.1:0')
for (const currency of ['EUR', 'JPY']) {
  fork(new URL('./screen.ts', import.meta.url), [endpoint, currency])
}

// A publisher sends only to those who are there: wait for them, and nobody misses the beginning.
await exchange.waitForSubscribers(1, 'price.EUR')
await exchange.waitForSubscribers(1, 'price.JPY')
await exchange.waitForSubscribers(2, 'status')

await exchange.send('status', 'open')
for (const step of [0, 1, 2]) {
  await exchange.send('price.EUR', { bid: 1.08 + step / 100, ask: 1.09 + step / 100 })
  await exchange.send('price.JPY', { bid: 0.0065, ask: 0.0066 })
  // Nobody wants this one: it does not leave the process.
  await exchange.send('price.GBP', { bid: 1.27, ask: 1.28 })
}
await exchange.send('status', 'closed')

const { flushed, dropped } = await exchange.close()
console.log(`exchange: ${flushed} messages were still queued and have left, ${dropped} were dropped`)
