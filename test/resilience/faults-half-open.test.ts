/** A peer whose packets are dropped on the way: noticed by heartbeats, and what was not sent yet goes to another. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Lan, type LanHost, missingRights } from '../discovery/support/network.ts'

const HALF_OPEN = 'faults-children/half-open.ts'
const DEAD_PEER = 'faults-children/dead-peer.ts'

class Program implements Disposable {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(host: LanHost, program: string, ...args: string[]) {
    const [command, ...prefix] = host.prefix
    const path = fileURLToPath(new URL(program, import.meta.url))
    this.#process = spawn(command!, [...prefix, process.execPath, '--import', 'tsx', path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the program has ended')
    return value
  }

  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`)
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL')
  }
}

const title = 'is noticed, and its unsent messages go to another'
test.skipIf(missingRights !== undefined)(
  `A half-open peer ${title}${missingRights ? `: ${missingRights}` : ''}`,
  { timeout: 60_000 },
  async () => {
    using lan = new Lan(2, { v4: true })
    const [here, there] = lan.hosts as [LanHost, LanHost]
    const endpoint = `tcp://${here.v4}:5555`
    using push = new Program(here, HALF_OPEN, 'push', endpoint)
    expect(await push.line()).toBe('bound')
    using pull = new Program(there, HALF_OPEN, 'pull', endpoint)
    expect(await pull.line()).toBe('connected')
    expect(await push.line()).toBe('connected')
    for (const chain of ['INPUT', 'OUTPUT']) there.run('iptables', '-A', chain, '-p', 'tcp', '-j', 'DROP')
    push.say('go')
    const report = JSON.parse(await push.line())
    expect(report.error).toMatch(/nothing heard for 400 ms/)
    expect(report.received).toBeGreaterThanOrEqual(report.sent - report.possiblyLost)
    expect(report.received).toBeGreaterThan(0)
    expect(report.possiblyLost).toBeGreaterThan(0)
  },
)

const dead =
  'holds up nobody, and is given up after `stallTimeout` with all that waited for it going to another'
test.skipIf(missingRights !== undefined)(
  `A libzmq peer whose link is cut with messages in flight ${dead}${missingRights ? `: ${missingRights}` : ''}`,
  { timeout: 60_000 },
  async () => {
    using lan = new Lan(2, { v4: true })
    const [here, there] = lan.hosts as [LanHost, LanHost]
    const endpoint = `tcp://${here.v4}:5555`
    const options = { heartbeatInterval: 100, heartbeatTimeout: 400, stallTimeout: 4000 }
    using push = new Program(here, DEAD_PEER, 'push', endpoint, JSON.stringify(options))
    expect(await push.line()).toBe('bound')
    using _far = new Program(there, DEAD_PEER, 'pull', endpoint)
    using near = new Program(here, DEAD_PEER, 'pull', endpoint)
    expect(await push.line()).toBe('connected')
    lan.unplug(there)
    push.say('go')
    // All has been sent, and the dead peer is still there.
    expect(await push.line()).toBe('2')
    const report = JSON.parse(await push.line())
    expect(report.error).toBe('nothing heard for 4000 ms, with messages in flight (stallTimeout)')
    expect(report.possiblyLost).toBeGreaterThan(0)
    const received = Number(await near.line())
    // What the far peer had read before the cut is not known to anybody here.
    expect(received).toBeGreaterThanOrEqual(report.sent - 100 - report.possiblyLost)
    expect(received + report.possiblyLost).toBeLessThanOrEqual(report.sent)
  },
)
