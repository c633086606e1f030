/** A peer whose packets are dropped on the way: noticed by heartbeats, and what was not sent yet goes to another. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Lan, type LanHost, missingRights } from '../discovery/support/network.ts'

const PROGRAM = fileURLToPath(new URL('faults-children/half-open.ts', import.meta.url))

class Program implements Disposable {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(host: LanHost, ...args: string[]) {
    const [command, ...prefix] = host.prefix
    this.#process = spawn(command!, [...prefix, process.execPath, '--import', 'tsx', PROGRAM, ...args], {
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
    using push = new Program(here, 'push', endpoint)
    expect(await push.line()).toBe('bound')
    using pull = new Program(there, 'pull', endpoint)
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
