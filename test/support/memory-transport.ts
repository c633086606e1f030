/** A byte transport without a kernel: thousands of connections a second, and every byte in the test's hands. */
import type { ByteTransport, Connection, ConnectionHandler } from '../../src/transport/transport.ts'

/** What a test may do to the bytes of one direction: answers what arrives instead. */
export type Meddle = (bytes: Buffer) => Buffer

/** One end of a connection. What is written arrives at the other end in a microtask. */
export class MemoryConnection implements Connection {
  readonly remote: string
  readonly untaken = 0
  meddle: Meddle | undefined
  #far: MemoryConnection | undefined
  #handler: ConnectionHandler | undefined
  #open = true
  #inbox: Buffer[] = []
  #paused = false

  constructor(remote: string) {
    this.remote = remote
  }

  static pair(remote: string): [MemoryConnection, MemoryConnection] {
    const near = new MemoryConnection(remote)
    const far = new MemoryConnection(remote)
    near.#far = far
    far.#far = near
    return [near, far]
  }

  get open(): boolean {
    return this.#open
  }

  get handler(): ConnectionHandler {
    return this.#handler!
  }

  set handler(handler: ConnectionHandler) {
    this.#handler = handler
    queueMicrotask(() => this.#deliver())
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (!this.#open) return false
    const bytes = Buffer.concat(chunks)
    const far = this.#far
    if (far !== undefined) {
      const arriving = this.meddle === undefined ? bytes : this.meddle(bytes)
      if (arriving.length > 0) far.arrive(arriving)
    }
    return true
  }

  /** Bytes from the other side, which need not be a connection. */
  arrive(bytes: Buffer): void {
    this.#inbox.push(bytes)
    queueMicrotask(() => this.#deliver())
  }

  /** Hands bytes over in this very call: what the handler throws, the caller gets. */
  put(bytes: Buffer): void {
    if (!this.#open) return
    if (this.#paused || this.#inbox.length > 0) this.arrive(bytes)
    else this.#handler!.reader.data(bytes)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    queueMicrotask(() => this.#deliver())
  }

  end(): void {
    this.destroy()
  }

  destroy(error?: Error): void {
    if (!this.#open) return
    this.#open = false
    queueMicrotask(() => {
      this.#handler?.closed(error)
      this.#far?.leave()
    })
  }

  /** The other side has gone. */
  leave(): void {
    if (!this.#open) return
    if (this.#inbox.length > 0 && !this.#paused) this.#deliver()
    if (!this.#open) return
    this.#open = false
    this.#handler?.closed()
  }

  #deliver(): void {
    while (this.#open && !this.#paused && this.#handler !== undefined) {
      const bytes = this.#inbox.shift()
      if (bytes === undefined) return
      this.#handler.reader.data(bytes)
    }
  }
}

/** Endpoints of one test: `memory://name`. */
export class MemoryNetwork {
  readonly #listeners = new Map<string, (connection: MemoryConnection) => void>()
  /** Called with both ends of a connection before anything is said over it. */
  onDial: ((dialled: MemoryConnection, accepted: MemoryConnection) => void) | undefined

  readonly transport = (): ByteTransport => ({
    kind: 'bytes',
    scheme: 'memory',
    check() {},
    listen: async (endpoint, accept) => {
      this.#listeners.set(endpoint, accept)
      return { endpoint, close: async () => void this.#listeners.delete(endpoint) }
    },
    dial: async endpoint => {
      const accept = this.#listeners.get(endpoint)
      if (accept === undefined) throw new Error(`nobody listens at ${endpoint}`)
      const [near, far] = MemoryConnection.pair(endpoint)
      this.onDial?.(near, far)
      accept(far)
      return near
    },
  })

  /** A connection that nobody is at the other end of: for what no peer would say. Handed to whoever listens. */
  stranger(endpoint: string): MemoryConnection {
    const connection = new MemoryConnection('memory://stranger')
    this.#listeners.get(endpoint)!(connection)
    return connection
  }

  /** Whoever dials this endpoint gets a stranger. */
  lure(endpoint: string, met: (connection: MemoryConnection) => void): () => void {
    this.#listeners.set(endpoint, met)
    return () => this.#listeners.delete(endpoint)
  }
}

/** Resolves once all ticks and microtasks that are due have run. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
