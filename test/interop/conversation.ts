/** A child process that answers each line with a line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'

export class Conversation {
  readonly #process: ChildProcess
  readonly #lines: Interface
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#process.stdout! })
    this.#lines.on('line', line => this.#waiting.shift()?.resolve(line))
    this.#process.on('exit', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${command} has ended`))
    })
  }

  ask(line: string): Promise<string> {
    const answered = new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#process.stdin!.write(`${line}\n`)
    return answered
  }

  /** Ends the process, which leaves when its input does. */
  async close(): Promise<void> {
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.stdin!.end()
      await exited
    }
    this.#lines.close()
  }
}
