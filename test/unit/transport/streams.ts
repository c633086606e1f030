/** What the tests of byte transports share: a handler that records, connected pairs, and a count of open handles. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { ipc } from '../../../src/transport/ipc.ts'
import { tcp } from '../../../src/transport/tcp.ts'
import type {
  ByteReader,
  ByteTransport,
  Connection,
  ConnectionHandler,
  Listener,
  TransportOptions,
} from '../../../src/transport/transport.ts'

export const options: TransportOptions = { backlog: 511, tcpKeepAlive: 30_000, unref: false }
export const never = new AbortController().signal

/** Keeps every chunk and the order of everything else; wakes those who wait at each call. */
export class Recorder implements ConnectionHandler, ByteReader {
  readonly chunks: Buffer[] = []
  readonly log: string[] = []
  bytes = 0
  drains = 0
  error: Error | undefined
  readonly reader = this
  #waiting: (() => void)[] = []

  data(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.bytes += chunk.length
    this.#wake()
  }

  ended(): void {
    this.#note('ended')
  }

  drain(): void {
    this.drains++
    this.#note('drain')
  }

  closed(error?: Error): void {
    this.error = error
    this.#note('closed')
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  received(bytes: number): Promise<void> {
    return this.until(() => this.bytes >= bytes)
  }

  has(event: string): Promise<void> {
    return this.until(() => this.log.includes(event))
  }

  #note(event: string): void {
    this.log.push(event)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

export interface Side {
  readonly connection: Connection
  readonly seen: Recorder
}

/** A dialled and an accepted connection; disposal destroys both and closes the listener. Further diallers are let go when they end. */
export async function connected(transport: ByteTransport, endpoint: string) {
  let accept!: (side: Side) => void
  const accepted = new Promise<Side>(resolve => {
    accept = resolve
  })
  let count = 0
  const listener = await transport.listen(endpoint, connection => {
    const side = record(connection)
    if (count++ === 0) accept(side)
    else void side.seen.has('ended').then(() => connection.end())
  })
  const dialled = record(await transport.dial(listener.endpoint, never))
  const other = await accepted
  return {
    listener,
    dialled,
    accepted: other,
    async [Symbol.asyncDispose]() {
      dialled.connection.destroy()
      other.connection.destroy()
      await Promise.all([dialled.seen.has('closed'), other.seen.has('closed'), listener.close()])
    },
  }
}

export function record(connection: Connection): Side {
  const seen = new Recorder()
  connection.handler = seen
  return { connection, seen }
}

export function disposable(listener: Listener): Listener & AsyncDisposable {
  return Object.assign(listener, { [Symbol.asyncDispose]: () => listener.close() })
}

export function temporaryDirectory(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'typedmq-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Both byte transports, each with an endpoint that is free. */
export const transports = [
  { name: 'tcp', make: tcp, endpoint: 'tcp://127.0.0.1:*' },
  { name: 'ipc', make: ipc, endpoint: 'ipc://*' },
]

/** Sockets and servers that keep the process alive. Those of earlier tests take a turn or two to go. */
export function handles(): number {
  return process.getActiveResourcesInfo().filter(name => /^(TCP|Pipe)/.test(name)).length
}

/** Gives the event loop turns until no more handles than that are left; the test's own time limit ends it otherwise. */
export async function handlesReturnTo(count: number): Promise<void> {
  while (handles() > count) await turn()
}

/** Some turns of the event loop: enough for anything that is on its way without us to happen. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
