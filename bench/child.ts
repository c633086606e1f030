/** A process that tells things in JSON lines. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { observer } from './load.ts'

/** Milliseconds a process may take to say its next line. */
const PATIENCE = 30_000

/** Those that live: they are ended with this process, stopped ones too, however it ends. */
const living = new Set<Child>()
process.on('exit', () => {
  for (const child of living) child[Symbol.dispose]()
})
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => process.exit(128 + number))
}

export class Child implements Disposable {
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  #ended = false
  #wake = () => {}
  #complaint = ''

  constructor(
    [command, ...rest]: readonly [string, ...string[]],
    environment?: Readonly<Record<string, string>>,
  ) {
    const env = { ...process.env, ...environment }
    this.#process = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env })
    living.add(this)
    const { pid } = this.#process
    if (pid !== undefined) observer?.joined(pid)
    this.#process.on('exit', () => {
      living.delete(this)
      if (pid !== undefined) observer?.ended(pid)
    })
    this.#process.on('error', error => {
      this.#complaint += error.message
    })
    this.#process.stderr!.on('data', chunk => {
      this.#complaint += chunk
    })
    createInterface(this.#process.stdout!)
      .on('line', line => {
        this.#lines.push(line)
        this.#wake()
      })
      .on('close', () => {
        this.#ended = true
        this.#wake()
      })
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** The next line; rejects with what the process said on stderr when none comes. */
  async next<T>(): Promise<T> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#wake()
    }, PATIENCE)
    while (this.#lines.length === 0 && !this.#ended && !late)
      await new Promise<void>(resolve => (this.#wake = resolve))
    clearTimeout(timer)
    const line = this.#lines.shift()
    if (line !== undefined) return JSON.parse(line) as T
    if (late) throw new Error(`no answer in ${PATIENCE} ms ${this.#complaint}`)
    throw new Error(`ended early: ${this.#complaint.trim().split('\n').slice(0, 6).join(' | ')}`)
  }

  /** Forgets the lines that have come and were not asked for. */
  forget(): void {
    this.#lines.length = 0
  }

  /** Stops the process where it is, until `resume`. */
  pause(): void {
    this.#process.kill('SIGSTOP')
  }

  resume(): void {
    this.#process.kill('SIGCONT')
  }

  [Symbol.dispose](): void {
    if (this.#process.pid !== undefined) observer?.leaves(this.#process.pid)
    this.#process.kill('SIGKILL')
  }
}
