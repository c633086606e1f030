/** The queue under every pipe, against an array. `npx tsx bench/micro/ring.ts` */
import { Ring } from '../../src/queue/ring.ts'
import { measure } from './measure.ts'

const DEPTH = 1000
const item = {}

await measure('Push and shift with 1,000 waiting', 'pairs', {
  Ring(count) {
    const ring = new Ring<object>()
    for (let i = 0; i < DEPTH; i++) ring.push(item)
    for (let i = 0; i < count; i++) {
      ring.push(item)
      ring.shift()
    }
  },
  'Array.push and Array.shift'(count) {
    const array: object[] = []
    for (let i = 0; i < DEPTH; i++) array.push(item)
    for (let i = 0; i < count; i++) {
      array.push(item)
      array.shift()
    }
  },
})
