/** The command line as people have it: real processes of the bundled program. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A directory of this test file, inside the project so that the program finds its dependencies; and the program in it. */
export let directory = ''
export let program = ''

/** Bundles the program before the tests of a file: starting from its sources would take a second each time. */
export function useProgram(): void {
  beforeAll(async () => {
    directory = await mkdtemp(join(ROOT, 'node_modules', '.typedmq-'))
    program = join(directory, 'typedmq.mjs')
    await build({
      entryPoints: [join(ROOT, 'src/cli/main.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      packages: 'external',
    })
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program to its end. */
export function typedmq(args: readonly string[], input = ''): Promise<Outcome> {
  const running = new Running(args)
  running.child.stdin.on('error', () => {})
  running.child.stdin.end(input)
  return running.outcome
}

/** A program that runs on; it ends with the test that disposes of it. */
export class Running implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  readonly outcome: Promise<Outcome>
  #stdout = ''
  #stderr = ''

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [program, ...args])
    this.child.stdout.on('data', chunk => {
      this.#stdout += chunk
    })
    this.child.stderr.on('data', chunk => {
      this.#stderr += chunk
    })
    this.outcome = once(this.child, 'close').then(([code]) => ({
      code,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }))
  }

  /** The endpoint that was bound, as the program says. */
  async bound(): Promise<string> {
    return (await this.says(/bound (\S+)/))[1]!
  }

  /** Resolves once standard error matches. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until('stderr', () => pattern.exec(this.#stderr))
  }

  /** Resolves once standard output matches. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until('stdout', () => pattern.exec(this.#stdout))
  }

  async #until<T>(stream: 'stdout' | 'stderr', found: () => T | null): Promise<T> {
    const ended = this.outcome.then(() => 'ended' as const)
    for (;;) {
      const result = found()
      if (result !== null) return result
      const next = await Promise.race([once(this.child[stream], 'data'), ended])
      if (next !== 'ended') continue
      const last = found()
      if (last !== null) return last
      throw new Error(`the program ended first: ${this.#stdout}${this.#stderr}`)
    }
  }

  interrupt(): void {
    this.child.kill('SIGINT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.outcome
  }
}
