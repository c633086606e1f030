/** What the main process tells its children when it starts them, how all of them meet, and how they end together. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defaultEngine, type Engine, type Socket } from 'typedmq'
import { announce, follow, mdns } from 'typedmq/discovery'
import { libzmq } from 'typedmq/libzmq'

export interface Setup {
  readonly directory: string
  readonly workers: number
  readonly engine: 'zmtp' | 'libzmq'
  /** The name of this run: its processes find each other by it. Undefined: they are told endpoints. */
  readonly name: string | undefined
  readonly control: string
  readonly progress: string
  /** Where the sink is to bind. */
  readonly results: string
}

export function engineOf({ engine }: Pick<Setup, 'engine'>): Engine {
  return engine === 'libzmq' ? libzmq() : defaultEngine
}

/** How sockets come together: by name, over mDNS on loopback, or by endpoint. */
export class Meeting {
  readonly #name: string | undefined
  readonly #discovery: ReturnType<typeof mdns> | undefined

  constructor({ name }: Pick<Setup, 'name'>) {
    this.#name = name
    this.#discovery = name === undefined ? undefined : mdns({ interfaces: ['lo'] })
  }

  /** What the socket has bound can be found by its role. */
  offer(socket: Socket, role: string): void {
    if (this.#discovery === undefined) return
    announce(socket, `${this.#name} ${role}`, { discovery: this.#discovery })
  }

  /** Finds who has offered the role, or connects to the endpoint. */
  join(socket: Socket, role: string, endpoint: string): void {
    if (this.#discovery === undefined) socket.connect(endpoint)
    else follow(socket, `${this.#name} ${role}`, { discovery: this.#discovery })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discovery?.[Symbol.asyncDispose]()
  }
}

export function start(role: 'ventilator' | 'worker' | 'sink', setup: Setup, number = 0): ChildProcess {
  const file = fileURLToPath(new URL(`${role}.ts`, import.meta.url))
  return fork(file, [JSON.stringify(setup), String(number)], { execArgv: ['--import', 'tsx'] })
}

/** A child must not outlive its parent, however that ends. */
export function untilParentLeaves(): void {
  if (!process.connected) process.exit()
  process.on('disconnect', () => process.exit())
  // The terminal sends Ctrl-C to all; the parent decides.
  process.on('SIGINT', () => {})
  process.channel?.unref()
}
