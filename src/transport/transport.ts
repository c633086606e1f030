/** The contracts of transports: byte streams that ZMTP runs on (tcp, ipc), and queues between two sockets of one process (inproc). */
import type { PeerIdentity } from '../peer-identity.ts'
import type { Queue } from '../queue/queue.ts'

/** Takes what a connection reads. */
export interface ByteReader {
  /** Bytes from the peer; the chunk is the reader's to keep. */
  data(chunk: Buffer): void
  /** Where the next bytes had best be read into, if anywhere; `data` then gets the beginning of it. A connection may ignore it. */
  readonly room?: Buffer | undefined
}

/** Called by a connection, never inside `write`. After `closed` nothing follows. */
export interface ConnectionHandler {
  readonly reader: ByteReader
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
  /** Half-closes after what was written; then input is read and handed on until the peer's FIN, and `ended` is not called. An early `destroy` would lose what was sent. */
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

/** A socket's end of a connection within the process, as the other socket gets it. */
export interface InprocEnd {
  /** Who that socket is. */
  readonly identity: PeerIdentity
  /** What it writes, and the other reads. */
  readonly outgoing: Queue
  readonly incoming: Queue
  /** To be told when the other socket lets go. Returns whether it had joined. */
  readonly partner: { left(): boolean }
}

/** Takes a dialler's end, and answers with the listener's; throws what is against the dialler. */
export type InprocAccept = (dialler: InprocEnd) => InprocAnswer

/** The listener's end. The dialler joins first: messages that have waited at its end get the form that the listener wants. */
export interface InprocAnswer extends InprocEnd {
  /** The dialler has joined: the listener joins too, unless it has let go meanwhile, which it answers with false. */
  join(): boolean
}

/** inproc: two sockets of one thread share a pair of queues. */
export interface InprocTransport {
  readonly kind: 'queues'
  readonly scheme: string
  check(endpoint: string): void
  listen(endpoint: string, accept: InprocAccept): Promise<Listener>
  /** Calls `found` once, on the stack of this call if somebody listens already; never after the signal has aborted. */
  dial(endpoint: string, found: (accept: InprocAccept) => void, signal: AbortSignal): void
}

export type Transport = ByteTransport | InprocTransport

/** What the byte transports need to know of a socket's options. */
export interface TransportOptions {
  readonly backlog: number
  /** Milliseconds; Infinity: off. */
  readonly tcpKeepAlive: number
  /** Do not keep the process alive. */
  readonly unref: boolean
}
