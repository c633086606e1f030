/** Pushes so many traced messages to the endpoint of its arguments, and ends. */
import { Push } from '../../../src/sockets/push-pull.ts'

const [endpoint, count] = process.argv.slice(2)
const push = new Push<number>({ trace: true })
push.connect(endpoint!)
for (let number = 0; number < Number(count); number++) await push.send(number)
const { sent } = push.stats().trace!
console.log(sent.messages)
await push.close()
