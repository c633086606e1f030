/** Starts peer processes, here or on a host of a LAN, and waits for what they say. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Service } from '../../../src/discovery/index.ts'
import type { LanHost } from './network.ts'
import { bundle } from './program.ts'

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
  readonly memory?: number
}

const PROGRAM = await bundle(new URL('peer-process.ts', import.meta.url))

/** A program's output as a history that can be waited on. */
export class History<T> {
  readonly lines: T[] = []
  readonly #waiting = new Set<() => void>()
  #failure: Error | undefined

  add(line: T): void {
    this.lines.push(line)
    for (const check of this.#waiting) check()
  }

  /** Nothing more will come: all who wait reject. */
  fail(error: Error): void {
    this.#failure = error
    for (const check of this.#waiting) check()
  }

  /** Resolves once the history makes it true. The test's own time-out is the limit. */
  until<R>(found: (lines: readonly T[]) => R | undefined | false): Promise<R> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const result = found(this.lines)
        const waits = result === undefined || result === false
        if (waits && this.#failure === undefined) return
        this.#waiting.delete(check)
        if (waits) reject(this.#failure)
        else resolve(result)
      }
      this.#waiting.add(check)
      check()
    })
  }
}

export class Peer implements AsyncDisposable {
  readonly history = new History<Line>()
  /** What was said last of each instance. */
  readonly #last = new Map<string, Line>()
  readonly #process: ChildProcess

  constructor(task: PeerTask, host?: LanHost) {
    const command = [...(host?.prefix ?? []), process.execPath, PROGRAM, JSON.stringify(task)]
    this.#process = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#process.stdout! }).on('line', text => {
      const line: Line = JSON.parse(text)
      if (line.service) this.#last.set(line.service.instance, line)
      this.history.add(line)
    })
    this.#process.once('exit', code => this.history.fail(new Error(`the peer has ended with code ${code}`)))
  }

  get ready(): Promise<unknown> {
    return this.history.until(lines => lines.some(line => line.ready))
  }

  /** Resolves with the service once the instance was last said to be up, and `fits`. */
  up(instance: string, fits: (service: Service) => boolean = () => true): Promise<Service> {
    return this.history.until(() => {
      const last = this.#last.get(instance)
      return last?.kind === 'up' && fits(last.service!) && last.service
    })
  }

  down(instance: string): Promise<unknown> {
    return this.history.until(() => this.#last.get(instance)?.kind === 'down')
  }

  error(reason: string): Promise<unknown> {
    return this.history.until(lines => lines.some(line => line.error === reason))
  }

  /** The instances that are up now. */
  get known(): string[] {
    return [...this.#last].flatMap(([instance, { kind }]) => (kind === 'up' ? [instance] : []))
  }

  /** Resident bytes of the process, now. */
  async memory(): Promise<number> {
    const answers = (lines: readonly Line[]) => lines.filter(line => line.memory !== undefined)
    const before = answers(this.history.lines).length
    this.#process.stdin!.write('memory\n')
    return this.history.until(lines => answers(lines)[before]?.memory)
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
