/** pyzmq (libzmq in another process) as a foreign peer. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Conversation } from './conversation.ts'
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
  readonly #python = new Conversation(PYTHON, [fileURLToPath(new URL('pyzmq-peer.py', import.meta.url))])
  #counter = 0

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

  close(): Promise<void> {
    return this.#python.close()
  }

  async #ask(request: object): Promise<Answer> {
    const answer = JSON.parse(await this.#python.ask(JSON.stringify(request))) as Answer
    if (answer.error !== undefined) throw new Error(`pyzmq: ${answer.error}`)
    return answer
  }
}
