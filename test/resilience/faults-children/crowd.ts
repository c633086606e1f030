/** One side of a crowd, in a process of its own: the socket that all come to, or a socket that comes from so many addresses of this machine. */
import { Pull, Push, raw } from '../../../src/index.ts'
import { collectedBytes } from '../../hostile/memory.ts'

export interface CrowdReport {
  readonly port: number
  readonly peers: number
  readonly received: number
  readonly heap: number
  readonly rss: number
  readonly attempts: number
}

const [role, port, count] = process.argv.slice(2)
const COMMON = { codec: raw, linger: 0, heartbeatInterval: 5_000, heartbeatTimeout: 60_000 }
let received = 0
let attempts = 0
let present = 0
let bound = Number(port)

const socket: Pull<any> | Push<any> = role === 'server' ? new Pull<any>(COMMON) : new Push<any>(COMMON)

socket.events.on('handshake', () => present++)
socket.events.on('disconnect', () => present--)

if (socket instanceof Pull) {
  bound = Number((await socket.bind(`tcp://0.0.0.0:${port}`)).split(':').at(-1))
  void (async () => {
    for await (const _ of socket) received++
  })()
} else {
  socket.events.on('connect:retry', () => attempts++)
  for (let number = 0; number < Number(count); number++) {
    socket.connect(`tcp://127.1.${number >> 8}.${number & 255}:${port}`)
  }
}

process.on('message', async (order: 'report' | 'measure' | 'send' | 'crowd') => {
  if (order === 'crowd') await socket.connected(Number(count))
  // One for each connection: the socket deals them out in turn.
  if (order === 'send')
    for (let sent = 0; sent < Number(count); sent++) await (socket as Push<any>).send(Buffer.from('hello'))
  const report: CrowdReport = {
    port: bound,
    peers: present,
    received,
    heap: order === 'measure' ? collectedBytes() : 0,
    rss: process.memoryUsage.rss(),
    attempts,
  }
  process.send!(report)
})
process.on('disconnect', () => process.exit())
process.send!({ port: bound })
