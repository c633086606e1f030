/** What an idle connection costs a bound PULL: resident memory after garbage collection, read from outside. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Opening } from '../ends/spec.ts'
import { start } from '../exchange.ts'
import type { Case, Scenario } from '../scenario.ts'

const COUNTS = [1000, 10_000]
/** Connections in their handshake at once, well below every system's backlog. */
const AT_ONCE = 100
/** Milliseconds for garbage collection, which the process under test runs every second, to come to rest. */
const SETTLE = 2500

/** ZMTP 3.1, NULL, as a PUSH: the same neutral peer for every system (RFC 37, "The NULL Security Mechanism"). */
const GREETING = Buffer.alloc(64)
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1])
GREETING.write('NULL', 12)
const READY = Buffer.from('\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH', 'latin1')
const HANDSHAKE = Buffer.concat([GREETING, READY])
const PONG = Buffer.from('\x04\x05\x04PONG', 'latin1')

export const memory: Scenario = {
  name: 'memory',
  about: 'Resident memory of a PULL for each idle connection it holds.',
  systems: ['typedmq', 'zeromq', 'libzmq-c', 'raw'],
  transports: ['tcp', 'ipc'],
  sizes: [],
  cases: transport => (transport === 'tcp' ? COUNTS.map(idle) : []),
}

function idle(count: number): Case {
  return {
    transport: 'tcp',
    size: null,
    variant: String(count),
    missing: existsSync('/proc/self/status') ? undefined : 'no /proc to read the memory from',
    async measure(system) {
      using child = start(system, {
        system: system.name,
        endpoint: 'tcp://127.0.0.1:0',
        size: 16,
        warmUp: 0,
        window: 0,
        idle: true,
        ends: [{ role: 'pull', mode: 'bind' }],
      })
      const { port } = new URL((await child.next<Opening>()).endpoint)
      await pause(SETTLE)
      const before = residentBytes(child.pid)
      const crowd: Socket[] = []
      try {
        while (crowd.length < count) {
          const next = Array.from({ length: Math.min(AT_ONCE, count - crowd.length) }, () =>
            join(Number(port)),
          )
          crowd.push(...next)
          await Promise.all(next.map(socket => settled(socket, system.name !== 'raw')))
        }
        await pause(SETTLE)
        const left = crowd.filter(socket => socket.readyState !== 'open').length
        if (left > 0) throw new Error(`${left} of ${count} connections were cut`)
        return { [`KB, ${count} connections`]: (residentBytes(child.pid) - before) / count / 1000 }
      } finally {
        for (const socket of crowd) socket.destroy()
      }
    },
  }
}

function join(port: number): Socket {
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.write(HANDSHAKE)
  return socket
}

/** Connected and, where the other side speaks ZMTP, past its READY. */
async function settled(socket: Socket, speaks: boolean): Promise<void> {
  await once(socket, 'connect')
  let received = 0
  while (speaks && received < HANDSHAKE.length)
    received += ((await once(socket, 'data')) as [Buffer])[0].length
  // After the handshake only PINGs come; an idle peer answers them.
  socket.on('data', () => socket.write(PONG))
}

function residentBytes(pid: number): number {
  const kibibytes = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)![1]
  return Number(kibibytes) * 1024
}
