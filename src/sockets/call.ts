/** One request from its first try to its answer. It knows nothing of sockets: whoever sends it sets `message` and `sending`. */
import type { Frame, Message } from '../message.ts'

export interface CallOptions {
  /** Milliseconds each try may take, waiting to be sent included. */
  readonly timeout: number
  readonly retries: number
  readonly signal: AbortSignal | undefined
  /** Do not keep the process alive. */
  readonly unref: boolean
}

/** What a call cannot decide itself. */
export interface CallOwner {
  /** The time of a try is over. */
  expired(call: Call): void
  /** The caller has lost interest. */
  aborted(call: Call, reason: unknown): void
}

export class Call {
  readonly body: Message
  /** Of the try under way: its request id, what was sent, and what ends a send that waits. */
  id = 0
  message: readonly Frame[] = []
  sending: AbortController | undefined
  retries: number
  readonly result: Promise<Message>
  readonly timeout: number
  readonly #owner: CallOwner
  readonly #signal: AbortSignal | undefined
  readonly #unref: boolean
  #timer: NodeJS.Timeout | undefined
  #resolve!: (answer: Message) => void
  #reject!: (error: unknown) => void

  constructor(body: Message, options: CallOptions, owner: CallOwner) {
    this.body = body
    this.retries = options.retries
    this.timeout = options.timeout
    this.#signal = options.signal
    this.#unref = options.unref
    this.#owner = owner
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#signal?.addEventListener('abort', this.#onAbort)
    this.startClock()
  }

  /** A try begins. */
  startClock(): void {
    clearTimeout(this.#timer)
    if (this.timeout === Infinity) return
    this.#timer = setTimeout(() => this.#owner.expired(this), this.timeout)
    if (this.#unref) this.#timer.unref()
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
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = () => this.#owner.aborted(this, this.#signal!.reason)
}
