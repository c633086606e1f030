/** A process that announces and watches by mDNS, for tests that need several hosts or a process to kill. Talks in JSON lines. */
import { createInterface } from 'node:readline'
import { mdns } from '../../../src/discovery/index.ts'
import type { PeerTask } from './peer.ts'

const task: PeerTask = JSON.parse(process.argv[2]!)
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const discovery = mdns({ period: task.period ?? 1000, interfaces: task.interfaces })
discovery.events?.on('error', error => say({ error: error.reason, message: error.message }))

async function watch(name: string): Promise<void> {
  for await (const { kind, service } of discovery.watch(name)) say({ kind, service })
}

for (const name of task.watch ?? []) void watch(name)
const announced = await Promise.all((task.announce ?? []).map(service => discovery.announce(service)))
say({ ready: true })

// Discovery alone keeps no process alive; this does, until the test lets go.
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'memory') {
    globalThis.gc?.()
    say({ memory: process.memoryUsage().rss })
  }
  if (line === 'withdraw') await Promise.all(announced.map(each => each[Symbol.asyncDispose]()))
}
await discovery[Symbol.asyncDispose]()
