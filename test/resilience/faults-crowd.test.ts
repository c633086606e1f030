/** A crowd of connections to one socket: served, dropped at once, back again. CROWD=10000 makes it the size of the promise. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { CrowdReport } from './faults-children/crowd.ts'

const COUNT = Number(process.env['CROWD'] ?? 1_000)
const MIB = 1024 * 1024
const PROGRAM = fileURLToPath(new URL('faults-children/crowd.ts', import.meta.url))

class Side implements AsyncDisposable {
  readonly #process: ChildProcess

  private constructor(role: string, port: number) {
    this.#process = fork(PROGRAM, [role, String(port), String(COUNT)], { execArgv: ['--import', 'tsx'] })
  }

  static async start(role: 'server' | 'client', port = 0): Promise<Side & { port: number }> {
    const side = new Side(role, port)
    const [first] = await once(side.#process, 'message')
    return Object.assign(side, { port: (first as CrowdReport).port })
  }

  async tell(order: 'report' | 'measure' | 'send' | 'crowd'): Promise<CrowdReport> {
    const answered = once(this.#process, 'message')
    this.#process.send(order)
    return (await answered)[0] as CrowdReport
  }

  /** Asks until the answer is right. */
  async until(right: (report: CrowdReport) => boolean): Promise<CrowdReport> {
    for (;;) {
      const report = await this.tell('report')
      if (right(report)) return this.tell('measure')
      // Asking is work for the one that is asked.
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

/** Prints what the phase took, when it is over. */
function clock(): (phase: string, report: CrowdReport, attempts?: number) => void {
  let begun = performance.now()
  return (phase, { heap, rss }, attempts) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    const again = attempts === undefined ? '' : `, ${attempts} attempts failed`
    console.log(`${phase}: ${seconds} s; server: heap ${mebibytes(heap)}, resident ${mebibytes(rss)}${again}`)
    begun = performance.now()
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`
}

test(`${COUNT} connections are served, all dropped, and all back`, { timeout: 240_000 }, async () => {
  let server = await Side.start('server')
  try {
    const told = clock()
    const idle = await server.tell('measure')
    told('nobody', idle)
    let client = await Side.start('client', server.port)
    try {
      await client.tell('crowd')
      await client.tell('send')
      const full = await server.until(({ received }) => received === COUNT)
      expect(full.peers).toBe(COUNT)
      told(`${COUNT} served`, full, (await client.tell('report')).attempts)
      expect((full.heap - idle.heap) / COUNT).toBeLessThan(16_000)

      await client.kill()
      const empty = await server.until(({ peers }) => peers === 0)
      told('all dropped', empty)
      expect(empty.heap - idle.heap).toBeLessThan(16 * MIB)

      client = await Side.start('client', server.port)
      await client.tell('crowd')
      const back = await server.until(({ peers }) => peers === COUNT)
      expect(back.received).toBe(COUNT)
      const before = (await client.tell('report')).attempts
      told('all back', back, before)

      // Now the other way round: all lose their server at once, and find it again without a storm.
      await server.kill()
      server = await Side.start('server', server.port)
      const found = await server.until(({ peers }) => peers === COUNT)
      const attempts = (await client.tell('report')).attempts - before
      told('another server found', found, attempts)
      expect(attempts).toBeLessThan(20 * COUNT)
    } finally {
      await client.kill()
    }
  } finally {
    await server.kill()
  }
})
