/** The one place that writes: to standard output and standard error, safe for a terminal. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { lookOf, render, type Text } from './paint.ts'

type Stream = Pick<Writable, 'write' | 'destroyed' | 'writable'> & { readonly isTTY?: boolean }

export class Output {
  readonly #stream: Stream

  constructor(stream: Stream) {
    this.#stream = stream
  }

  get terminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** False when the stream is full. A terminal gets bytes as the text they are, for its sake. */
  write(data: Text | Uint8Array): boolean {
    const look = lookOf(this.#stream)
    if (!(data instanceof Uint8Array)) return this.#stream.write(render(data, look))
    if (!look.terminal) return this.#stream.write(data)
    return this.#stream.write(render(Buffer.from(data).toString(), look))
  }

  /** Resolves once everything written is with the system, or cannot be written. */
  async flushed(): Promise<void> {
    if (this.#stream.destroyed || !this.#stream.writable) return
    await new Promise<void>(resolve => this.#stream.write('', () => resolve()))
  }
}

export const out = new Output(process.stdout)
export const err = new Output(process.stderr)

/** Writes to standard output, for messages: resolves once there is room for more; rejects with the signal's reason. */
export async function print(data: Text | Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (out.write(data)) return
  try {
    await once(process.stdout, 'drain', { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
