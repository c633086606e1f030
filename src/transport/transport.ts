/** The contracts of transports: byte streams that ZMTP runs on (tcp, ipc), and pipes handed over whole (inproc). */
import type { Peer } from '../peer.ts'
import type { Pipe } from '../queue/pipe.ts'

/** Called by a connection, never inside `write`. After `closed` nothing follows. */
export interface ConnectionHandler {
  /** Bytes from the peer; the chunk is the handler's to keep. */
  data(chunk: Buffer): void
  /** Where the next bytes had best be read into, if anywhere; `data` then gets the beginning of it. A connection may ignore it. */
  readonly room?: Buffer | undefined
  /** The peer will send no more (it half-closed). */
  ended(): void
  /** Everything written is with the kernel, after a `write` that answered false. */
  drain(): void
  /** The connection is gone, for whatever reason; exactly once. */
  closed(error?: Error): void
}

/** A byte stream to one peer. */
export interface Connection {
  /** The endpoint of the other end, for people: `tcp://10.0.0.7:53412`. */
  readonly remote: string
  /** Set once, in the turn in which the connection is handed over; data follow after it. */
  handler: ConnectionHandler
  /** Bytes of a write that the system has not taken; as far as the runtime tells, they fall while it takes them. */
  readonly untaken: number
  /** Writes all chunks as one. True: the kernel has every byte; only then may the chunks be used again. After false, write again only after `drain`. */
  write(chunks: readonly Uint8Array[]): boolean
  pause(): void
  resume(): void
  /** Half-closes after what was written; then input is read and discarded until the peer's FIN. An early `destroy` would lose what was sent. */
  end(): void
  /** Ends at once. Idempotent. */
  destroy(error?: Error): void
}

export interface Listener {
  /** The real endpoint, with the port the system chose. */
  readonly endpoint: string
  /** Stops accepting; what was accepted lives on. */
  close(): Promise<void>
}

/** tcp, ipc: ZMTP runs on top. */
export interface ByteTransport {
  readonly kind: 'bytes'
  readonly scheme: string
  /** Throws `AddressError` for an endpoint that cannot be dialled, without dialling. */
  check(endpoint: string): void
  listen(endpoint: string, accept: (connection: Connection) => void): Promise<Listener>
  dial(endpoint: string, signal: AbortSignal): Promise<Connection>
}

/** inproc: the far end of a pipe is handed over whole, with who is who. */
export interface PipeTransport {
  readonly kind: 'pipes'
  readonly scheme: string
  check(endpoint: string): void
  /** `accept` answers who the accepting socket is, or throws what it has against the dialler. */
  listen(endpoint: string, accept: (far: Pipe, dialler: Peer) => Peer): Promise<Listener>
  /** Waits until somebody listens at the endpoint, hands over `far`, and answers who took it. */
  dial(endpoint: string, far: Pipe, self: Peer, signal: AbortSignal): Promise<Peer>
}

export type Transport = ByteTransport | PipeTransport

/** What the byte transports need to know of a socket's options. */
export interface TransportOptions {
  readonly backlog: number
  /** Milliseconds; Infinity: off. */
  readonly tcpKeepAlive: number
  /** Do not keep the process alive. */
  readonly unref: boolean
}
