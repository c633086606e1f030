/** What must and must not compile: topics. Never run. */

import * as v from 'valibot'
import { z } from 'zod'
import { type Message, Publisher, raw, Subscriber, text, XPublisher, XSubscriber } from '../../src/index.ts'
import { type Equal, expectType } from './expect.ts'

const market = {
  topics: {
    'price.*': z.object({ bid: z.number() }),
    'price.total': z.number(),
    status: v.picklist(['open', 'closed']),
    'clock.*': z.string().transform(time => new Date(time)),
  },
}

// A topic is an exact key or matches a pattern; its most specific key says the type.
const publisher = new Publisher(market)
publisher.send('price.EUR', { bid: 1 })
publisher.send('price.total', 3)
publisher.send('status', 'open')
publisher.send('clock.utc', '2026-01-01')
publisher.trySend(`price.${'x' as string}`, { bid: 1 })
// @ts-expect-error the exact key wins over the pattern
publisher.send('price.total', { bid: 1 })
// @ts-expect-error an unknown topic
publisher.send('prices', { bid: 1 })
// @ts-expect-error the value of another topic
publisher.send('status', { bid: 1 })
// @ts-expect-error any string is too wide
publisher.send('x' as string, 'open')
// @ts-expect-error the sender gives what comes before the transformation
publisher.send('clock.utc', new Date())
// @ts-expect-error Publisher does not receive
publisher.receive()

// What is received is a union told apart by its key.
const subscriber = new Subscriber(market)
subscriber.subscribe('price.*', 'status', 'any prefix')
for await (const message of subscriber) {
  if (message.key === 'price.*') {
    expectType<Equal<typeof message.topic, `price.${string}`>>()
    expectType<Equal<typeof message.value, { bid: number }>>()
  } else if (message.key === 'status') {
    expectType<Equal<typeof message.topic, 'status'>>()
    expectType<Equal<typeof message.value, 'open' | 'closed'>>()
  } else if (message.key === 'clock.*') {
    expectType<Equal<typeof message.value, Date>>()
  } else {
    expectType<Equal<typeof message.value, number>>()
  }
  // @ts-expect-error no such key
  if (message.key === 'prices') break
}
// @ts-expect-error Subscriber does not send
subscriber.send('status', 'open')

// Types without schemas.
interface Price {
  bid: number
}
const believed = new Publisher<{ 'price.*': Price; status: string }>()
believed.send('price.EUR', { bid: 1 })
// @ts-expect-error not a price
believed.send('price.EUR', 'open')
const believer = new Subscriber<{ 'price.*': Price; status: string }>({ receiveHighWaterMark: 5 })
for await (const { key, value } of believer) {
  if (key === 'price.*') expectType<Equal<typeof value, Price>>()
}

// A codec alone: any topic, its values.
new Publisher({ codec: text }).send('anything', 'goes')
// @ts-expect-error text is strings
new Publisher({ codec: text }).send('anything', 1)
for await (const { topic, value } of new Subscriber({ codec: raw })) {
  expectType<Equal<typeof topic, string>>()
  expectType<Equal<typeof value, Message>>()
}
for await (const { value } of new Subscriber()) expectType<Equal<typeof value, unknown>>()
new Publisher().send('anything', { goes: true })

// @ts-expect-error not a schema
new Publisher({ topics: { status: 'string' } })
// @ts-expect-error Publisher waits or drops; it does not reject
new Publisher({ onFull: 'reject' })
// @ts-expect-error an option of XPublisher
new Publisher({ verbose: true })

// XPublisher yields what goes upstream, XSubscriber sends it.
const xpublisher = new XPublisher({ ...market, verbose: true, onFull: 'wait' })
xpublisher.send('status', 'open')
for await (const message of xpublisher) {
  if (message.kind === 'message') expectType<Equal<typeof message.value, unknown>>()
  else expectType<Equal<typeof message.topic, string>>()
}
const xsubscriber = new XSubscriber({ codec: text })
xsubscriber.subscribe()
xsubscriber.send('upstream')
// @ts-expect-error text is strings
xsubscriber.send(1)
