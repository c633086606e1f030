/** A process that tells things in JSON lines. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { observer } from './load.ts'

/** Milliseconds a process may take to say its next line. */
const PATIENCE = 30_000

export class Child implements Disposable {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  #complaint = ''

  constructor([command, ...rest]: readonly [string, ...string[]]) {
    this.#process = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    if (this.#process.pid !== undefined) observer?.joined(this.#process.pid)
    this.#process.on('error', error => {
      this.#complaint += error.message
    })
    this.#process.stderr!.on('data', chunk => {
      this.#complaint += chunk
    })
    this.#lines = createInterface(this.#process.stdout!)[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** The next line; rejects with what the process said on stderr when none comes. */
  async next<T>(): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE} ms ${this.#complaint}`)), PATIENCE)
    })
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late])
      if (done) throw new Error(`ended early: ${this.#complaint.trim().split('\n').slice(0, 6).join(' | ')}`)
      return JSON.parse(value) as T
    } finally {
      clearTimeout(timer)
    }
  }

  [Symbol.dispose](): void {
    if (this.#process.pid !== undefined) observer?.leaves(this.#process.pid)
    this.#process.kill('SIGKILL')
  }
}
