/** A TypeScript program of test/, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export class Child implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterableIterator<string>
  readonly #ended: Promise<unknown>
  #errors = ''

  /** Runs a program by its URL; its arguments are its own. */
  constructor(program: URL, ...args: string[]) {
    this.#process = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(program), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#ended = once(this.#process, 'close')
    this.#process.stderr!.on('data', data => {
      this.#errors += data
    })
    const lines: Interface = createInterface({ input: this.#process.stdout! })
    this.#lines = lines[Symbol.asyncIterator]()
  }

  /** The next line that it prints. Rejects when it has ended instead. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the child has ended: ${this.#errors}`)
    return value
  }

  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`)
  }

  /** Resolves once it has ended by itself. Rejects unless it ended well. */
  async ended(): Promise<void> {
    await this.#ended
    if (this.#process.exitCode !== 0) {
      throw new Error(
        `the child ended with ${this.#process.exitCode ?? this.#process.signalCode}: ${this.#errors}`,
      )
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) this.#process.kill('SIGKILL')
    await this.#ended
  }
}
