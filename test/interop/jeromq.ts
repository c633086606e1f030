/** JeroMQ 0.3.6 as a foreign peer: ZMTP in Java, and of version 2.0. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Conversation } from './conversation.ts'
import type { Foreign, ForeignOptions, ForeignSocket } from './foreign.ts'

/** Where Debian's package libjeromq-java puts it. */
const JAR = '/usr/share/java/jeromq.jar'

/** Why there is no JeroMQ here, or undefined. */
export function jeromqMissing(): string | undefined {
  if (!existsSync(JAR)) return 'libjeromq-java is not installed'
  return spawnSync('java', ['-version']).status === 0 ? undefined : 'java is not installed'
}

export class Jeromq implements Foreign {
  readonly name = 'JeroMQ'
  readonly #java = new Conversation('java', [
    '-cp',
    JAR,
    fileURLToPath(new URL('JeromqPeer.java', import.meta.url)),
  ])
  #counter = 0

  async open(type: string, options: ForeignOptions): Promise<ForeignSocket> {
    const id = ++this.#counter
    const where = options.bind === undefined ? `connect ${options.connect}` : `bind ${options.bind}`
    const [endpoint] = await this.#ask(
      `open ${id} ${type} ${where} ${options.routingId ?? '-'} ${options.subscribe ?? '-'}`,
    )
    return {
      endpoint: endpoint!,
      send: async parts => {
        const words = parts.map(part => Buffer.from(part).toString('base64') || '-')
        await this.#ask(['send', id, ...words].join(' '))
      },
      receive: async () => {
        const [, ...words] = await this.#ask(`receive ${id}`)
        return words.map(word => Buffer.from(word === '-' ? '' : word, 'base64'))
      },
      close: async () => {
        await this.#ask(`close ${id}`)
      },
    }
  }

  close(): Promise<void> {
    return this.#java.close()
  }

  async #ask(line: string): Promise<string[]> {
    const answer = await this.#java.ask(line)
    if (answer.startsWith('error')) throw new Error(`JeroMQ: ${answer}`)
    return answer.split(' ')
  }
}
