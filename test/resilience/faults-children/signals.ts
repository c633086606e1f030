/** A process that opens and closes sockets whenever a signal comes, and ends by itself once it has closed them all. */
import { Pull, Push, raw } from '../../../src/index.ts'

const COMMON = { codec: raw, linger: 100 }
const pull = new Pull<any>(COMMON)
const endpoint = await pull.bind('tcp://127.0.0.1:0')
const passing: Push<any>[] = []
let count = 0

process.on('SIGUSR2', () => {
  const push = new Push<any>(COMMON)
  push.connect(endpoint)
  // Every other one is closed at once, in the middle of its dialling.
  if (++count % 2 === 0) void push.close()
  else passing.push(push)
  console.log(`signal ${count}`)
})
process.on('SIGTERM', () => {
  void Promise.all([...passing, pull].map(socket => socket.close())).then(() => console.log('closed'))
})
console.log(endpoint)
