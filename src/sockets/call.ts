/** One request from its first try to its answer. It knows nothing of sockets: whoever sends it sets `message` and `sending`. */
import type { Frame, Message } from '../message.ts'
import type { Expiring } from './timeouts.ts'

export interface CallOptions {
  /** Milliseconds each try may take, waiting to be sent included. */
  readonly timeout: number
  readonly retries: number
  readonly signal: AbortSignal | undefined
  /** For tracing: when the request was made. */
  readonly since?: number | undefined
}

/** What a call cannot decide itself. */
export interface CallOwner {
  /** The caller has lost interest. */
  aborted(call: Call, reason: unknown): void
  /** The call has its answer, or its error. */
  ended(call: Call): void
}

export class Call implements Expiring {
  readonly body: Message
  /** Of the try under way: its request id, what was sent, and what ends a send that waits. */
  id = 0
  message: readonly Frame[] = []
  sending: AbortController | undefined
  due = 0
  retries: number
  readonly result: Promise<Message>
  readonly timeout: number
  readonly since: number | undefined
  readonly #owner: CallOwner
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: (() => void) | undefined
  #resolve!: (answer: Message) => void
  #reject!: (error: unknown) => void

  constructor(body: Message, options: CallOptions, owner: CallOwner) {
    const { retries, signal, since, timeout } = options
    this.body = body
    this.retries = retries
    this.timeout = timeout
    this.since = since
    this.#owner = owner
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#signal = signal
    if (signal === undefined) return
    this.#onAbort = () => owner.aborted(this, signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  answer(body: Message): void {
    this.#end()
    this.#resolve(body)
  }

  fail(error: unknown): void {
    this.#end()
    this.#reject(error)
  }

  #end(): void {
    this.#owner.ended(this)
    if (this.#onAbort !== undefined) this.#signal!.removeEventListener('abort', this.#onAbort)
  }
}
