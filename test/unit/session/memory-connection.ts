/** A connection without a kernel: keeps what is written, takes or blocks as told. */
import type { Connection, ConnectionHandler } from '../../../src/transport/transport.ts'

export class MemoryConnection implements Connection {
  readonly remote = 'tcp://10.0.0.7:53412'
  handler!: ConnectionHandler
  /** Everything after a write that is answered false waits for `unblock`. */
  blocked = false
  untaken = 0
  writes = 0
  paused = false
  readonly log: string[] = []
  #written: Buffer[] = []

  write(chunks: readonly Uint8Array[]): boolean {
    this.writes++
    this.#written.push(Buffer.concat(chunks))
    return !this.blocked
  }

  /** What was written since the last call. */
  take(): Buffer {
    return Buffer.concat(this.#written.splice(0))
  }

  /** The kernel has everything. */
  unblock(): void {
    this.blocked = false
    this.handler.drain()
  }

  pause(): void {
    this.paused = true
    this.log.push('pause')
  }

  resume(): void {
    this.paused = false
    this.log.push('resume')
  }

  end(): void {
    this.log.push('end')
  }

  destroy(): void {
    this.log.push('destroy')
  }
}
