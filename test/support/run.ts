/** Runs TypeScript as a user would: a process of its own, with tsx, importing the library by name. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSX = import.meta.resolve('tsx')

/** How a process ended, and what it said until then. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** A running process. Disposing of it kills it if it still runs. */
export class Run implements AsyncDisposable {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  #output = ''
  readonly #lookOut = new Set<() => void>()

  /** Runs a file in the project's directory; `detached`: as the leader of a process group, as a terminal does. */
  constructor(file: string, args: readonly string[] = [], options: { readonly detached?: boolean } = {}) {
    // Not the tests' own environment: vitest sets NODE_ENV and more.
    const env = { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], NO_COLOR: '1' }
    this.process = spawn(process.execPath, ['--import', TSX, file, ...args], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: options.detached === true,
    })
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', text => {
        this.#output += text
        for (const look of this.#lookOut) look()
      })
    }
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject)
      this.process.once('close', code => resolve({ code, output: this.#output }))
    })
  }

  /** The first match in what the process says; rejects when it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#output)
        if (match === null) return
        this.#lookOut.delete(look)
        resolve(match)
      }
      this.#lookOut.add(look)
      look()
      void this.ended.then(() => reject(new Error(`never said ${pattern}, but:\n${this.#output}`)), reject)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null) this.process.kill('SIGKILL')
    await this.ended
  }
}

/** Runs a file to its end. */
export async function run(file: string, ...args: readonly string[]): Promise<Ended> {
  await using started = new Run(file, args)
  return await started.ended
}
