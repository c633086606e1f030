/** A `Connection` over a Node stream socket; tcp and ipc share it. */
import type { Socket } from 'node:net'
import type { ReadBuffer, ReadSink } from './read-buffer.ts'
import type { Connection, ConnectionHandler } from './transport.ts'

/**
 * open --> ending --> closed          ending: we half-closed, input is handed on until the peer's FIN
 *    \-------\--> destroyed --^      destroyed: between our `destroy` and the socket's 'close'
 * On an error the socket destroys itself: straight to closed.
 */
type Phase = 'open' | 'ending' | 'destroyed' | 'closed'

/** Not in Node's documentation: what is left of a write that was taken in part. The timeouts of Node's own sockets look at it. */
interface Measurable {
  readonly _handle?: { readonly writeQueueSize?: number } | null
}

export class StreamConnection implements Connection, ReadSink {
  readonly remote: string
  readonly #socket: Socket
  #handler: ConnectionHandler | undefined
  #phase: Phase = 'open'
  #error: Error | undefined
  #draining = false
  #paused = false

  /**
   * The socket must have been made with `allowHalfOpen`, and with `reading` as its `onread` if that is given.
   * No data are handed on before the handler is set.
   */
  constructor(socket: Socket, remote: string, reading?: ReadBuffer) {
    this.remote = remote
    this.#socket = socket
    if (reading !== undefined) reading.sink = this
    socket.pause()
    socket.on('error', error => {
      this.#error ??= error
    })
    socket.on('close', () => this.#closed())
  }

  get handler(): ConnectionHandler {
    if (this.#handler === undefined) throw new Error('the connection has no handler yet')
    return this.#handler
  }

  set handler(handler: ConnectionHandler) {
    const first = this.#handler === undefined
    this.#handler = handler
    if (!first) return
    if (this.#phase === 'closed') {
      process.nextTick(() => handler.closed(this.#error))
      return
    }
    // With `onread` this event never comes, except from runtimes that do not know the option.
    this.#socket.on('data', chunk => this.received(chunk))
    this.#socket.on('end', () => {
      if (this.#phase === 'open') this.#handler!.ended()
    })
    this.#socket.resume()
  }

  get untaken(): number {
    return (this.#socket as Measurable)._handle?.writeQueueSize ?? this.#socket.writableLength
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase !== 'open') return false
    const socket = this.#socket
    const last = chunks.length - 1
    if (last === 0) {
      socket.write(chunks[0]!, this.#written)
    } else if (last > 0) {
      socket.cork()
      for (let i = 0; i < last; i++) socket.write(chunks[i]!)
      socket.write(chunks[last]!, this.#written)
      socket.uncork()
    }
    // A write that failed at once also leaves nothing queued; `closed` follows it, never `drain`.
    if (socket.writableLength === 0 && socket.errored === null) return true
    this.#draining = true
    return false
  }

  pause(): void {
    if (this.#phase !== 'open') return
    this.#paused = true
    this.#socket.pause()
    // A `resume` earlier in this turn makes Node start reading once more, a tick later.
    process.nextTick(this.#stayPaused)
  }

  resume(): void {
    this.#paused = false
    this.#socket.resume()
  }

  end(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'ending'
    this.#socket.end()
    this.resume()
  }

  destroy(error?: Error): void {
    if (this.#phase === 'destroyed' || this.#phase === 'closed') return
    this.#phase = 'destroyed'
    this.#error ??= error
    this.#socket.destroy()
  }

  // What the reading side tells.

  get room(): Buffer | undefined {
    return this.#handler?.reader.room
  }

  received(chunk: Buffer): void {
    if (this.#phase === 'open' || this.#phase === 'ending') this.#handler!.reader.data(chunk)
  }

  readOn(): void {
    if (!this.#paused && this.#phase !== 'destroyed' && this.#phase !== 'closed') this.#socket.resume()
  }

  readonly #stayPaused = (): void => {
    if (this.#paused) this.#socket.pause()
  }

  /** Bound once. Also runs, a tick late, for writes that completed at once: `writableLength` tells those from the one that is waited for. */
  readonly #written = (): void => {
    const socket = this.#socket
    if (!this.#draining || socket.writableLength !== 0 || socket.destroyed || socket.errored !== null) return
    this.#draining = false
    this.#handler?.drain()
  }

  #closed(): void {
    this.#phase = 'closed'
    this.#handler?.closed(this.#error)
  }
}
