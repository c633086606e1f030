/** Shows the prices of one currency until the market closes. */
import { Subscriber } from 'typedmq'
import { market } from './market.ts'

const [endpoint, currency] = process.argv.slice(2) as [string, string]
await using screen = new Subscriber(market).connect(endpoint)
screen.subscribe(`price.${currency}`, 'status')

for await (const { topic, key, value } of screen) {
  // TypeScript knows by the key what the value is.
  if (key === 'price.*') {
    console.log(`${currency} screen: ${topic} ${value.bid.toFixed(4)} / ${value.ask.toFixed(4)}`)
  } else {
    console.log(`${currency} screen: the market is ${value}`)
    if (value === 'closed') break
  }
}
