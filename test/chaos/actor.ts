/** One place in a chaos run's play, with one process after the other in it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Bound, Role, Sums, Told } from './orders.ts'

let incarnations = 0

/** One process. */
export interface Incarnation {
  readonly number: number
  readonly journal: string
  killed: boolean
}

export class Actor {
  readonly role: Role
  readonly incarnations: Incarnation[] = []
  endpoints: readonly string[]
  readonly #folder: string
  readonly #program: string
  #process: ChildProcess | undefined
  /** Where the process now running listens. */
  ready: Promise<Bound> = Promise.reject(new Error('not started'))

  /** `program`: what its processes run. */
  constructor(role: Role, program: string, folder: string, endpoints: readonly string[]) {
    this.role = role
    this.endpoints = endpoints
    this.#folder = folder
    this.#program = program
    this.ready.catch(() => {})
  }

  get kills(): number {
    return this.incarnations.filter(one => one.killed).length
  }

  start(): void {
    const number = ++incarnations
    const journal = `${this.#folder}/${this.role}-${number}.journal`
    this.incarnations.push({ number, journal, killed: false })
    const { role, endpoints } = this
    this.#process = fork(this.#program, [JSON.stringify({ role, incarnation: number, endpoints, journal })], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.ready = this.#told<Bound>()
    this.ready.catch(() => {})
  }

  /** What the child says next. Rejects when it dies instead. */
  async #told<T extends Told>(): Promise<T> {
    const child = this.#process!
    const died = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the ${this.role} has died: ${code ?? signal}`)
    })
    const said = once(child, 'message').then(([message]) => message as T)
    died.catch(() => {})
    return Promise.race([said, died])
  }

  async kill(): Promise<void> {
    const child = this.#process!
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    this.incarnations.at(-1)!.killed = true
  }

  /** Lets it finish, and answers its sums. */
  async finish(): Promise<Sums> {
    await this.ready
    const sums = this.#told<Sums>()
    this.#process!.send('over')
    return sums
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}
