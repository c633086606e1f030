/** Starts peer processes, here or on a host of a LAN, and waits for what they say. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Service } from '../../../src/discovery/index.ts'
import type { LanHost } from './network.ts'

export interface PeerTask {
  readonly announce?: readonly Service[]
  readonly watch?: readonly string[]
  readonly period?: number
  readonly interfaces?: readonly string[]
}

interface Line {
  readonly kind?: 'up' | 'down'
  readonly service?: Service
  readonly error?: string
  readonly ready?: true
}

const PROGRAM = fileURLToPath(new URL('peer-process.ts', import.meta.url))

/** A program's output as a history that can be waited on. */
export class History<T> {
  readonly lines: T[] = []
  readonly #waiting = new Set<() => void>()

  add(line: T): void {
    this.lines.push(line)
    for (const check of this.#waiting) check()
  }

  /** Resolves once the history makes it true. The test's own time-out is the limit. */
  until<R>(found: (lines: readonly T[]) => R | undefined | false): Promise<R> {
    return new Promise(resolve => {
      const check = () => {
        const result = found(this.lines)
        if (result === undefined || result === false) return
        this.#waiting.delete(check)
        resolve(result)
      }
      this.#waiting.add(check)
      check()
    })
  }
}

export class Peer implements AsyncDisposable {
  readonly history = new History<Line>()
  readonly #process: ChildProcess

  constructor(task: PeerTask, host?: LanHost) {
    const command = [
      ...(host?.prefix ?? []),
      process.execPath,
      '--import',
      'tsx',
      PROGRAM,
      JSON.stringify(task),
    ]
    this.#process = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout! }).on('line', line => this.history.add(JSON.parse(line)))
  }

  get ready(): Promise<unknown> {
    return this.history.until(lines => lines.some(line => line.ready))
  }

  /** Resolves with the service once the instance was last said to be up, and `fits`. */
  up(instance: string, fits: (service: Service) => boolean = () => true): Promise<Service> {
    return this.history.until(() => {
      const last = this.#last(instance)
      return last?.kind === 'up' && fits(last.service!) && last.service
    })
  }

  down(instance: string): Promise<unknown> {
    return this.history.until(() => this.#last(instance)?.kind === 'down')
  }

  error(reason: string): Promise<unknown> {
    return this.history.until(lines => lines.some(line => line.error === reason))
  }

  /** The instances that are up now. */
  get known(): string[] {
    const known = new Set<string>()
    for (const { kind, service } of this.history.lines) {
      if (kind === 'up') known.add(service!.instance)
      if (kind === 'down') known.delete(service!.instance)
    }
    return [...known]
  }

  #last(instance: string): Line | undefined {
    return this.history.lines.findLast(line => line.service?.instance === instance)
  }

  /** Takes back what it announced, and lives on. */
  withdraw(): void {
    this.#process.stdin!.write('withdraw\n')
  }

  /** No goodbye. */
  async kill(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  /** Lets it end by itself; answers its exit code. */
  async end(): Promise<number | null> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#process.exitCode
    const gone = once(this.#process, 'exit')
    this.#process.stdin!.end()
    await gone
    return this.#process.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

export function service(name: string, instance: string, port: number, rest: Partial<Service> = {}): Service {
  return { name, instance, endpoints: [`tcp://0.0.0.0:${port}`], socketType: 'PULL', ...rest }
}
