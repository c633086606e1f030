/** A contract checks what is sent, and checks and transforms what is received. */
import { InvalidMessageError, Pull, Push } from 'typedmq'
import { orders } from './orders.ts'

await using desk = new Pull(orders)
const endpoint = await desk.bind('tcp://127.0.0.1:0')
desk.events.on('message:invalid', ({ error }) => console.log(`desk skips: ${error.message}`))

await using shop = new Push(orders).connect(endpoint)
await shop.send({ id: 1, item: 'bread', due: '2030-01-01' })

// A wrong value does not leave the sender. (TypeScript refuses `item: 7` already.)
await shop.send({ id: -2, item: '', due: 'soon' }).catch(error => {
  if (!(error instanceof InvalidMessageError)) throw error
  for (const { path, message } of error.issues) console.log(`shop may not send: ${path}: ${message}`)
})

// Somebody who knows no contract can send what he likes; the desk never sees it.
await using stranger = new Push().connect(endpoint)
await stranger.send({ id: 'three', items: ['milk'] })
await stranger.send({ id: 4, item: 'milk', due: '2030-02-01' })

for (let seen = 0; seen < 2; seen++) {
  const order = await desk.receive()
  console.log(`desk: order ${order.id}, ${order.item}, due on a ${weekday(order.due)}`)
}
console.log(`desk: ${desk.stats().invalid} message was invalid`)

function weekday(date: Date): string {
  return date.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' })
}
