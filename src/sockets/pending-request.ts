/** One request from its first try to its answer. It knows nothing of sockets: RequestSender sets `current` and `sending`. */
import type { Message } from '../message.ts'
import { OutgoingRequest } from '../outgoing-request.ts'
import type { Expiring } from './timeouts.ts'

export interface PendingRequestOptions {
  /** Milliseconds each try may take, waiting to be sent included. */
  readonly timeout: number
  readonly retries: number
  readonly signal: AbortSignal | undefined
  /** For tracing: when the request was made. */
  readonly since?: number | undefined
}

export interface PendingRequestOwner {
  /** The request has its answer or its error. A try that has not ended must be taken back. */
  ended(request: PendingRequest): void
}

/** What the engine gets: one for each try, so that nothing told of an earlier one is taken for the latest. */
export class Try extends OutgoingRequest {
  /** Undefined once the try is over; a collection of young objects then copies little. */
  of: PendingRequest | undefined

  constructor(of: PendingRequest) {
    super(of.body)
    this.of = of
  }
}

export class PendingRequest implements Expiring {
  readonly body: Message
  /** The try under way, and what ends a send that waits. */
  current: Try | undefined
  sending: AbortController | undefined
  due = 0
  retries: number
  readonly result: Promise<Message>
  readonly timeout: number
  readonly since: number | undefined
  readonly #owner: PendingRequestOwner
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: (() => void) | undefined
  #resolve!: (answer: Message) => void
  #reject!: (error: unknown) => void

  constructor(body: Message, options: PendingRequestOptions, owner: PendingRequestOwner) {
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
    this.#onAbort = () => this.fail(signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  answer(body: Message): void {
    this.endTry()
    this.#end()
    this.#resolve(body)
  }

  fail(error: unknown): void {
    this.#end()
    this.#reject(error)
  }

  /** Whatever is still told of the try counts no more. */
  endTry(): void {
    if (this.current !== undefined) this.current.of = undefined
    this.current = this.sending = undefined
  }

  #end(): void {
    this.#owner.ended(this)
    if (this.#onAbort !== undefined) this.#signal!.removeEventListener('abort', this.#onAbort)
  }
}
