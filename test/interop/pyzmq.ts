/** pyzmq (libzmq in another process) as a foreign peer. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Foreign, ForeignOptions, ForeignSocket, Parts } from './foreign.ts'

/** Debian's own, which has the package python3-zmq. */
export const PYTHON = '/usr/bin/python3'

/** Why there is no pyzmq here, or undefined. */
export function pyzmqMissing(): string | undefined {
  const { status } = spawnSync(PYTHON, ['-c', 'import zmq'])
  return status === 0 ? undefined : 'python3-zmq is not installed'
}

interface Answer {
  readonly error?: string
  readonly endpoint?: string
  readonly parts?: readonly string[]
}

export class Pyzmq implements Foreign {
  readonly name = 'pyzmq'
  readonly #process: ChildProcess
  readonly #lines: Interface
  readonly #waiting: ((answer: Answer) => void)[] = []
  #counter = 0

  constructor() {
    const script = fileURLToPath(new URL('pyzmq-peer.py', import.meta.url))
    this.#process = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#process.stdout! })
    this.#lines.on('line', line => this.#waiting.shift()!(JSON.parse(line) as Answer))
  }

  async open(type: string, options: ForeignOptions): Promise<ForeignSocket> {
    const id = ++this.#counter
    const { endpoint } = await this.#ask({ operation: 'open', id, type, ...options })
    return {
      endpoint: endpoint!,
      send: async (parts: Parts) => {
        const encoded = parts.map(part => Buffer.from(part).toString('base64'))
        await this.#ask({ operation: 'send', id, parts: encoded })
      },
      receive: async () => {
        const { parts } = await this.#ask({ operation: 'receive', id })
        return parts!.map(part => Buffer.from(part, 'base64'))
      },
      close: async () => {
        await this.#ask({ operation: 'close', id })
      },
    }
  }

  async close(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.stdin!.end()
    await exited
    this.#lines.close()
  }

  async #ask(request: object): Promise<Answer> {
    const answered = new Promise<Answer>(resolve => this.#waiting.push(resolve))
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`)
    const answer = await answered
    if (answer.error !== undefined) throw new Error(`pyzmq: ${answer.error}`)
    return answer
  }
}
