/** Finding who wants a topic, for a few prefixes and for many, topics seen before and topics in a row. `npx tsx bench/micro/topics.ts` */
import { Subscriptions } from '../../src/routing/subscriptions.ts'
import { measure, type Work } from './measure.ts'

/** Looks up `topics` in turn where so many prefixes of 12 bytes are held, one of which fits each. */
function finding(prefixes: number, topics: number): Work {
  const subscriptions = new Subscriptions<number>()
  for (let owner = 0; owner < prefixes; owner++) subscriptions.add(nameOf(owner), owner)
  const asked = Array.from({ length: topics }, (_, index) =>
    Buffer.concat([nameOf(index % prefixes), Buffer.from(`.${index}`)]),
  )
  return count => {
    let at = 0
    for (let found = 0; found < count; found += subscriptions.match(asked[at]!).length) {
      if (++at === topics) at = 0
    }
  }
}

function nameOf(index: number): Buffer {
  return Buffer.from(`sensor.${String(index).padStart(5, '0')}`)
}

for (const topics of [1, 100]) {
  await measure(`Topics in turn: ${topics}`, 'look-ups', {
    '1 prefix': finding(1, topics),
    '4 prefixes': finding(4, topics),
    '5 prefixes': finding(5, topics),
    '100 prefixes': finding(100, topics),
    '10,000 prefixes': finding(10_000, topics),
  })
}
