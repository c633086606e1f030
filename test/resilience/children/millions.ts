/** Sends so many small messages to an endpoint, closes at once, and says what close reported. */
import { raw } from '../../../src/codec/raw.ts'
import { Push } from '../../../src/sockets/push-pull.ts'

const [endpoint, count] = process.argv.slice(2)
const push = new Push({ codec: raw, linger: 60_000 })
push.connect(endpoint!)
for (let at = 0; at < Number(count); at++) await push.send(Buffer.from(at.toString(16).padStart(16)))
const { dropped } = await push.close()
console.log(`dropped ${dropped}`)
