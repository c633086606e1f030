/** A program that goes on after uncaught exceptions, and whose listeners throw at every event of its Push, its Pull and its announcements. */
import { once } from 'node:events'
import { announce, type Discovery } from '../../../src/discovery/index.ts'
import { Pull, Push } from '../../../src/sockets/push-pull.ts'

const NAMES = [
  'bind',
  'unbind',
  'connect',
  'connect:retry',
  'accept',
  'handshake',
  'handshake:failed',
  'disconnect',
  'close',
] as const

const thrown = new Set<unknown>()
process.on('uncaughtException', error => thrown.add(error))

function throwing<Socket extends Push<string> | Pull<string>>(role: string, socket: Socket): Socket {
  for (const name of NAMES) {
    socket.events.on(name, () => {
      throw `${role} ${name}`
    })
  }
  return socket
}

let withdrawn = 0
const discovery = {
  announce: async () => ({
    [Symbol.asyncDispose]: async () => {
      withdrawn++
    },
  }),
} as unknown as Discovery

const settings = { reconnectInterval: 1, reconnectIntervalMax: 1, linger: 1000 }
const push = throwing('push', new Push<string>(settings))
const first = throwing('pull', new Pull<string>(settings))
const endpoint = await first.bind('tcp://127.0.0.1:0')
const announcement = announce(first, 'work', { discovery, address: '127.0.0.1' })
announcement.on('up', () => {
  throw 'announcement up'
})
push.connect(endpoint)
await push.send('one')
console.log(await first.receive())
await announcement[Symbol.asyncDispose]()
await first.close()
// Dialling goes on: nobody is there until the second Pull has taken the port.
await once(push.events, 'connect:retry')
const second = throwing('pull', new Pull<string>(settings))
await second.bind(endpoint)
await push.send('two')
console.log(await second.receive({ timeout: 10_000 }))
await push.close()
await second.close()
// Those of the last events come in the ticks after them.
await new Promise(resolve => setTimeout(resolve))
const expected = NAMES.filter(name => name !== 'handshake:failed').flatMap(name =>
  ['bind', 'unbind', 'accept'].includes(name)
    ? [`pull ${name}`]
    : name.startsWith('connect')
      ? [`push ${name}`]
      : [`push ${name}`, `pull ${name}`],
)
const missing = [...expected, 'announcement up'].filter(word => !thrown.delete(word))
console.log(`withdrawn ${withdrawn}, missing: ${missing.join(', ')}, others: ${[...thrown].join(', ')}`)
